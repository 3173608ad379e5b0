"""Splits that have something in common are found, wherever somebody could have mixed them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_houses import Run, Train, make_houses, write_csv

from housing.errors import LeakageError
from housing.leakage import Keys, keys_of, refuse_leaks
from housing.manifest import manifest_files
from housing.schema import Houses
from housing.split import split

NONE = Keys(frozenset(), frozenset())


def test_splits_without_anything_in_common_pass() -> None:
    refuse_leaks({"a": Keys(frozenset("x"), frozenset("1")), "b": Keys(frozenset("y"), frozenset("2")), "c": NONE})


def test_every_pair_is_named() -> None:
    splits = {"a": Keys(frozenset("xy"), frozenset("1")), "b": Keys(frozenset("xyz"), frozenset("2"))}
    with pytest.raises(LeakageError) as refused:
        refuse_leaks({**splits, "c": Keys(frozenset("z"), frozenset("12"))})
    assert str(refused.value) == (
        "leakage between splits: a and b share 2 houses; a and c have 1 identical row; b and c share 1 house; "
        "b and c have 1 identical row; run preprocess again to split the data"
    )


def test_keys_know_houses_and_rows_apart() -> None:
    houses = make_houses(3)
    renamed = keys_of(Houses(("A", "B", "C"), houses.numbers))
    assert renamed.rows == keys_of(houses).rows
    assert not renamed.houses & keys_of(houses).houses
    assert len(renamed.rows) == len(renamed.houses) == 3


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text() + line + "\n")


def last_row(run: Run, name: str) -> list[str]:
    return (run.splits / name / f"{name}.csv").read_text().splitlines()[-1].split(",")


def test_training_refuses_a_house_that_is_in_both_splits(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.preprocess() == 0
    house, *numbers = last_row(run, "train")
    append(run.splits / "validation" / "validation.csv", ",".join([house, "99", *numbers[1:]]))
    assert train() == 2
    assert "leakage between splits: train and validation share 1 house;" in capsys.readouterr().err
    assert not run.model.exists()


def test_training_refuses_a_row_that_is_in_both_splits(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.preprocess() == 0
    append(run.splits / "validation" / "validation.csv", ",".join(["H99999999", *last_row(run, "train")[1:]]))
    assert train() == 2
    assert "train and validation have 1 identical row;" in capsys.readouterr().err


def test_training_refuses_the_test_split(run: Run, train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.preprocess() == 0
    test = run.splits / "test"
    assert train(SM_CHANNEL_TEST=str(test)) == 2
    message = f"train: channel test is there ({test}): training must not see what it is measured with\n"
    assert capsys.readouterr().err == message


def test_training_does_not_validate_with_the_test_split(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.preprocess() == 0
    test = run.splits / "test"
    assert train(SM_CHANNEL_VALIDATION=str(test)) == 2
    assert "validation.csv: no such file" in capsys.readouterr().err
    # Nor when it only has the other name.
    (test / "validation.csv").write_bytes((test / "test.csv").read_bytes())
    manifest = str(run.splits / "manifest")
    assert train(SM_CHANNEL_VALIDATION=str(test), SM_CHANNEL_MANIFEST=manifest) == 2
    assert "validation.csv: got sha256 " in capsys.readouterr().err


def test_training_takes_the_files_of_its_manifest(run: Run, train: Train) -> None:
    assert run.preprocess() == 0
    assert train(SM_CHANNEL_MANIFEST=str(run.splits / "manifest")) == 0


def test_measuring_refuses_a_test_split_that_was_learned_from(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    # A split that is broken all the way, with a manifest that says that all is well.
    splits = split(make_houses(), 42)
    leaking = {**splits, "test": splits["train"].take(range(20))}
    for name, content in manifest_files(leaking, seed=42, inputs={"houses.csv": "0" * 64}).items():
        (run.splits / name).parent.mkdir(parents=True, exist_ok=True)
        (run.splits / name).write_bytes(content)
    assert train() == 0
    assert run.evaluate() == 2
    said = capsys.readouterr().err
    assert "leakage between splits: train and test share 20 houses; train and test have 20 identical rows;" in said
    assert not run.evaluation.exists()


def test_measuring_refuses_a_test_split_that_was_changed(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (run.preprocess(), train()) == (0, 0)
    write_csv(run.splits / "test" / "test.csv", make_houses(30, seed=1))
    assert run.evaluate() == 2
    assert "test.csv: got sha256 " in capsys.readouterr().err


def test_measuring_refuses_a_changed_validation_split(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (run.preprocess(), train()) == (0, 0)
    write_csv(run.splits / "validation" / "validation.csv", make_houses(30, seed=1))
    assert run.evaluate() == 2
    assert "validation.csv: got sha256 " in capsys.readouterr().err


def test_measuring_refuses_a_model_of_another_split(run: Run, train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    # The test split of one seed is most likely among what was learned from with another seed.
    assert (run.preprocess("--seed", "1"), train()) == (0, 0)
    assert run.preprocess("--seed", "2") == 0
    assert run.evaluate() == 2
    said = capsys.readouterr().err
    assert "evaluate: the model learned from data with sha256 " in said
    assert "measure a model with the test split of its own data" in said


MANIFESTS = [
    ("{", "not a manifest of this program"),
    ("[]", "not a manifest of this program"),
    ('{"schema": 2}', "schema: got 2, expected 1"),
    ('{"schema": 1, "keys": []}', "keys: got [], expected an object"),
    ('{"schema": 1}', "not a manifest of this program: 'keys'"),
]


@pytest.mark.parametrize(("text", "problem"), MANIFESTS)
def test_a_manifest_that_is_none(
    run: Run, train: Train, text: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (run.preprocess(), train()) == (0, 0)
    (run.splits / "manifest" / "manifest.json").write_text(text)
    assert run.evaluate() == 2
    assert problem in capsys.readouterr().err


def test_keys_that_do_not_belong_to_the_manifest(run: Run, train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    assert (run.preprocess(), train()) == (0, 0)
    keys = run.splits / "manifest" / "keys.csv"
    keys.write_text("split,house,row\n")
    assert run.evaluate() == 2
    assert "keys.csv: got sha256 " in capsys.readouterr().err
    keys.unlink()
    assert run.evaluate() == 2
    assert "keys.csv: no such file; preprocess writes it" in capsys.readouterr().err


def test_the_manifest_says_what_the_files_are(run: Run) -> None:
    from hashlib import sha256

    assert run.preprocess() == 0
    manifest = json.loads((run.splits / "manifest" / "manifest.json").read_text())
    assert (manifest["seed"], manifest["shares"]) == (42, {"train": 0.7, "validation": 0.15, "test": 0.15})
    total = 0
    for name, part in manifest["splits"].items():
        content = (run.splits / name / part["file"]).read_bytes()
        assert part["sha256"] == sha256(content).hexdigest()
        assert part["rows"] == len(content.splitlines()) - 1
        total += part["rows"]
    assert manifest["input"]["rows"] == total == 240
    assert manifest["input"]["files"] == 1
    (run.data / "houses.csv").write_bytes((run.data / "houses.csv").read_bytes().replace(b"\r\n", b"\n"))
    assert run.preprocess() == 0
    after = json.loads((run.splits / "manifest" / "manifest.json").read_text())
    # Other bytes with the same houses: another input, the same splits.
    assert after["input"]["sha256"] != manifest["input"]["sha256"]
    assert after["splits"] == manifest["splits"]
