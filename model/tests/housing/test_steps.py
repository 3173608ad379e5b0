"""The steps one after the other, by the command line and the folders that SageMaker gives them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from made_houses import Run, Train, contents, make_houses, pack, read_csv, write_csv
from onnxruntime import InferenceSession

from housing.hyperparameters import parse_hyperparameters
from housing.schema import Houses
from housing.surroundings import training_of
from housing.train import train as train_step
from modelkit.hashing import sha256_hex

SETTINGS = [
    {"algorithm": "linear"},
    {"algorithm": "ridge", "alpha": "0.5"},
    {"algorithm": "forest", "trees": "20", "depth": "5"},
]


@pytest.mark.parametrize("hyperparameters", SETTINGS, ids=lambda one: one["algorithm"])
def test_the_chain_makes_a_model_and_measures_it(
    run: Run, train: Train, hyperparameters: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.preprocess() == 0
    assert train(hyperparameters) == 0
    assert run.evaluate() == 0
    metrics = json.loads((run.evaluation / "evaluation.json").read_text())
    assert metrics["schema"] == 1
    assert set(metrics["metrics"]) == {"r2", "rmse", "mae", "mape", "within_10_percent", "explained_variance"}
    assert 0.8 < metrics["metrics"]["r2"]["value"] < 1
    said = capsys.readouterr().out
    # As the pipeline's definition looks for them.
    assert len(re.findall(r"^validation:r2=([-+0-9.eE]+);$", said, flags=re.MULTILINE)) == 1
    assert len(re.findall(r"^validation:rmse=([-+0-9.eE]+);$", said, flags=re.MULTILINE)) == 1


def test_the_model_says_what_it_is(run: Run, train: Train) -> None:
    assert run.preprocess() == 0
    assert train({"algorithm": "ridge", "trees": 7}) == 0
    data = (run.splits / "train" / "train.csv").read_bytes()
    rows = read_csv(run.splits / "train" / "train.csv")
    areas = [float(row["area"]) for row in rows]
    document = json.loads((run.model / "model.json").read_text())
    assert document["features"][0] == {"name": "area", "minimum": min(areas), "maximum": max(areas)}
    assert [feature["name"] for feature in document["features"]] == ["area", "bedrooms", "bathrooms", "age"]
    assert document["training"] == {"rows": len(rows), "data": sha256_hex(data)}
    assert document["onnx"] == {"file": "model.onnx", "sha256": sha256_hex((run.model / "model.onnx").read_bytes())}
    # The number of trees is nothing to a ridge: another one must not make another model.
    assert (document["algorithm"], document["hyperparameters"]) == ("ridge", {"alpha": 1.0})
    assert set(document) == {
        *("schema", "name", "algorithm", "hyperparameters", "features", "target", "onnx", "training")
    }


def test_predictions_are_of_the_test_split_in_its_order(run: Run, train: Train) -> None:
    assert (run.preprocess(), train(), run.evaluate()) == (0, 0, 0)
    rows = read_csv(run.splits / "test" / "test.csv")
    predictions = read_csv(run.evaluation / "predictions.csv")
    assert [row["actual"] for row in predictions] == [row["price"] for row in rows]
    session = InferenceSession(run.model / "model.onnx", providers=["CPUExecutionProvider"])
    features = [[float(row[name]) for name in ("area", "bedrooms", "bathrooms", "age")] for row in rows]
    (expected,) = session.run(["price"], {"features": np.array(features, dtype=np.float32)})
    assert [float(row["predicted"]) for row in predictions] == pytest.approx(expected[:, 0].tolist(), abs=0.006)


def test_everything_is_the_same_when_it_is_done_again(run: Run, train: Train) -> None:
    assert (run.preprocess(), train(), run.evaluate()) == (0, 0, 0)
    before = {**contents(run.splits), **contents(run.root / "ml"), **contents(run.evaluation)}
    before.pop("model/model.tar.gz")
    assert (run.preprocess(), train(), run.evaluate()) == (0, 0, 0)
    after = {**contents(run.splits), **contents(run.root / "ml"), **contents(run.evaluation)}
    assert {name: after[name] for name in before} == before


def test_the_test_split_changes_no_byte_of_the_model(run: Run, train: Train) -> None:
    assert run.preprocess() == 0
    assert train({"algorithm": "forest", "trees": 10}) == 0
    before = contents(run.root / "ml")
    path = run.splits / "test" / "test.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *(re.sub(r",[^,]+$", ",99999999", row) for row in rows)]) + "\n")
    assert train({"algorithm": "forest", "trees": 10}) == 0
    after = contents(run.root / "ml")
    archive = "model/model.tar.gz"
    assert (before.pop(archive) != b"", after.pop(archive) != b"") == (True, True)
    assert after == before
    # And it is not measured with what is not the test split.
    assert run.evaluate() == 2


def test_the_validation_split_changes_what_is_said_and_not_the_model(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.preprocess() == 0
    assert train() == 0
    model = (run.model / "model.onnx").read_bytes()
    said = capsys.readouterr().out
    write_csv(run.splits / "validation" / "validation.csv", _strangers())
    assert train() == 0
    assert (run.model / "model.onnx").read_bytes() == model
    assert capsys.readouterr().out.splitlines()[:-1] != said.splitlines()[:-1]


def _strangers() -> Houses:
    houses = make_houses(30, seed=99)
    return Houses(tuple(f"X{house}" for house in houses.ids), houses.numbers)


def test_training_works_where_sagemaker_itself_starts_it(run: Run, tmp_path: Path) -> None:
    assert run.preprocess() == 0
    root = tmp_path / "opt" / "ml"
    for name in ("train", "validation"):
        (root / "input" / "data").mkdir(parents=True, exist_ok=True)
        (root / "input" / "data" / name).symlink_to(run.splits / name)
    (root / "input" / "config").mkdir()
    (root / "input" / "config" / "hyperparameters.json").write_text('{"algorithm": "linear", "alpha": "1.0"}')
    job = training_of({}, root)
    assert job.hyperparameters == {"algorithm": "linear", "alpha": "1.0"}
    trained = train_step(job, [parse_hyperparameters(job.hyperparameters)])
    assert trained.artifact.document["algorithm"] == "linear"
    assert sorted(contents(root / "model")) == ["model.json", "model.onnx"]
    assert sorted(contents(root / "output")) == ["data/training.json"]


def test_a_grid_keeps_the_best_of_its_combinations(run: Run, train: Train) -> None:
    assert run.preprocess() == 0
    grid = '{"algorithm": ["ridge"], "alpha": [1000000, 0.01, 5000]}'
    assert train({"trees": 3}, "--grid", grid) == 0
    report = json.loads((run.root / "ml" / "output" / "data" / "training.json").read_text())
    scores = {one["hyperparameters"]["alpha"]: one["metrics"]["r2"] for one in report["candidates"]}
    assert set(scores) == {1_000_000, 0.01, 5000}
    assert scores[0.01] == max(scores.values()) > scores[5000]
    assert report["hyperparameters"] == {"algorithm": "ridge", "alpha": 0.01, "trees": 3, "depth": 8}
    assert json.loads((run.model / "model.json").read_text())["hyperparameters"] == {"alpha": 0.01}


def test_another_seed_makes_another_split_and_says_so(run: Run) -> None:
    assert run.preprocess() == 0
    first = contents(run.splits)
    assert run.preprocess("--seed", "43") == 0
    second = contents(run.splits)
    assert first["train/train.csv"] != second["train/train.csv"]
    assert json.loads(second["manifest/manifest.json"])["seed"] == 43


@pytest.mark.parametrize("seed", ["-1", "4294967296", "x", "1.5", ""])
def test_a_seed_is_a_whole_number(run: Run, seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run.preprocess(f"--seed={seed}")
    assert ended.value.code == 2
    assert f"got {seed}, expected a whole number from 0 to 4294967295" in capsys.readouterr().err


def test_what_goes_wrong_is_left_for_sagemaker(run: Run, train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.preprocess() == 0
    output = run.root / "ml" / "output"
    output.mkdir(parents=True)
    assert train({"algorithm": "magic"}) == 2
    said = capsys.readouterr().err
    assert said == "train: hyper-parameter algorithm: got magic, expected one of linear, ridge, forest\n"
    assert f"train: {(output / 'failure').read_text()}\n" == said
    (run.splits / "test" / "test.csv").unlink()
    assert run.evaluate() == 2
    assert (output / "message").read_text() in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.splits.write_text("a file where a folder is to be")
    assert run.preprocess() == 1
    assert str(run.splits) in capsys.readouterr().err


def test_a_data_folder_may_be_split_over_files(run: Run, tmp_path: Path) -> None:
    houses = make_houses()
    other = Run(tmp_path / "other")
    half = len(houses) // 2
    write_csv(other.data / "a" / "1.csv", houses.take(range(half, len(houses))))
    write_csv(other.data / "b" / "2.csv", houses.take(range(half)))
    assert (run.preprocess(), other.preprocess()) == (0, 0)
    for name in ("train", "validation", "test"):
        file = f"{name}/{name}.csv"
        assert (other.splits / file).read_bytes() == (run.splits / file).read_bytes()


def test_a_model_is_measured_without_the_validation_split(run: Run, train: Train) -> None:
    assert (run.preprocess(), train(), run.evaluate(validation=False)) == (0, 0, 0)
    card = json.loads((run.evaluation / "model-card.json").read_text())
    assert set(card["metrics"]) == {"test"}


def test_pack_is_what_evaluate_reads(run: Run, train: Train) -> None:
    assert (run.preprocess(), train()) == (0, 0)
    (run.model / "model.tar.gz").unlink()
    assert run.evaluate() == 2
    pack(run.model)
    assert run.evaluate() == 0
