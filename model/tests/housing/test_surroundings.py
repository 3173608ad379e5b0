"""The folders of a training, as SageMaker gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from housing.errors import UsageError
from housing.surroundings import tell_failure, training_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("train", "validation"):
        (tmp_path / "input" / "data" / name).mkdir(parents=True)
    return tmp_path


def test_without_variables_everything_is_below_one_root(root: Path) -> None:
    job = training_of({}, root)
    assert (job.train, job.validation) == (root / "input/data/train", root / "input/data/validation")
    assert (job.model, job.output) == (root / "model", root / "output/data")
    assert (job.manifest, job.hyperparameters) == (None, {})


def test_variables_come_first(root: Path, tmp_path: Path) -> None:
    for name in ("t", "v", "m"):
        (tmp_path / name).mkdir()
    names = {"TRAIN": "t", "VALIDATION": "v", "MANIFEST": "m"}
    channels = {f"SM_CHANNEL_{name}": str(tmp_path / folder) for name, folder in names.items()}
    (root / "input" / "config").mkdir()
    (root / "input" / "config" / "hyperparameters.json").write_text('{"alpha": "2"}')
    folders = {"SM_MODEL_DIR": "/x/model", "SM_OUTPUT_DATA_DIR": "/x/data"}
    job = training_of({**channels, **folders, "SM_HPS": '{"alpha": 3}'}, root)
    assert (job.train, job.validation, job.manifest) == (tmp_path / "t", tmp_path / "v", tmp_path / "m")
    assert (job.model, job.output) == (Path("/x/model"), Path("/x/data"))
    assert job.hyperparameters == {"alpha": 3}


@pytest.mark.parametrize("missing", [["train"], ["validation"], ["train", "validation"]])
def test_a_missing_channel(root: Path, missing: list[str]) -> None:
    for name in missing:
        (root / "input" / "data" / name).rmdir()
    with pytest.raises(UsageError) as refused:
        training_of({}, root)
    folders = ", ".join(str(root / "input" / "data" / name) for name in missing)
    assert str(refused.value) == f"channel {' and '.join(missing)} is missing: no folder {folders}"


@pytest.mark.parametrize("text", ["{", "[1]", '"x"'])
def test_hyperparameters_that_are_none(root: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"^SM_HPS: "):
        training_of({"SM_HPS": text}, root)
    (root / "input" / "config").mkdir()
    path = root / "input" / "config" / "hyperparameters.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=rf"^{path}: "):
        training_of({}, root)


@pytest.mark.parametrize(
    ("command", "name"), [("train", "failure"), ("evaluate", "message"), ("preprocess", "message")]
)
def test_a_reason_is_left_where_the_service_looks(tmp_path: Path, command: str, name: str) -> None:
    tell_failure("häßlich", command, {}, tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "output").mkdir()
    tell_failure("häßlich", command, {}, tmp_path)
    assert (tmp_path / "output" / name).read_text("utf-8") == "häßlich"


def test_a_reason_that_cannot_be_left_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "failure").mkdir()
    tell_failure("why", "train", {"SM_OUTPUT_DIR": str(tmp_path)})
    assert (tmp_path / "failure").is_dir()
