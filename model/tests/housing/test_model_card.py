"""The model card says what the files say."""

from __future__ import annotations

import json

import pytest
from made_houses import Run, Train, contents

from housing.metrics import UNITS


@pytest.fixture
def card(run: Run, train: Train) -> tuple[dict[str, dict[str, dict[str, object]]], str]:
    assert (run.preprocess(), train({"algorithm": "forest", "trees": 10, "depth": 4})) == (0, 0)
    assert run.evaluate("--metric", "r2", "--threshold", "0.5") == 0
    return json.loads((run.evaluation / "model-card.json").read_text()), (run.evaluation / "model-card.md").read_text()


def test_the_card_for_programs(run: Run, card: tuple[dict[str, dict[str, dict[str, object]]], str]) -> None:
    document, _ = card
    model = json.loads((run.model / "model.json").read_text())
    manifest = json.loads((run.splits / "manifest" / "manifest.json").read_text())
    evaluation = json.loads((run.evaluation / "evaluation.json").read_text())
    training = json.loads((run.root / "ml" / "output" / "data" / "training.json").read_text())
    assert (document["algorithm"], document["hyperparameters"]) == ("forest", {"trees": 10, "depth": 4})
    assert [{**feature, "unit": ""} for feature in document["features"]] == [
        {**feature, "unit": ""} for feature in model["features"]
    ]
    assert document["artifact"] == {"sha256": training["artifact"], "onnx": model["onnx"]["sha256"]}
    assert document["data"]["rows"] == manifest["input"]["rows"]
    assert document["split"]["parts"]["test"]["sha256"] == manifest["splits"]["test"]["sha256"]
    for name, unit in UNITS.items():
        assert document["metrics"]["test"][name] == {"value": evaluation["metrics"][name]["value"], "unit": unit}
        assert document["metrics"]["validation"][name] == {"value": training["validation"][name], "unit": unit}
    gate = document["gate"]
    assert gate == {"metric": "r2", "minimum": 0.5, "value": evaluation["metrics"]["r2"]["value"], "reached": True}


def test_the_card_for_people(card: tuple[dict[str, dict[str, dict[str, object]]], str]) -> None:
    document, text = card
    r2 = document["metrics"]["test"]["r2"]["value"]
    assert text.startswith("# Model card: housing\n")
    assert "Algorithm: forest (depth 4, trees 10)." in text
    assert f"| r2 | {r2:.6g} | " in text
    assert f"Threshold reached: r2 is {r2:.6g}, at least 0.5 is needed." in text
    assert "| test | 15% | 36 | `" in text
    assert "| area | m² | " in text
    assert "A forest cannot predict a price beyond those it has seen." in text


def test_a_threshold_that_is_missed(run: Run, train: Train) -> None:
    assert (run.preprocess(), train()) == (0, 0)
    assert run.evaluate("--metric", "within_10_percent", "--threshold", "1") == 0
    assert "Threshold missed: within_10_percent is 0." in (run.evaluation / "model-card.md").read_text()
    card = json.loads((run.evaluation / "model-card.json").read_text())
    assert card["gate"]["reached"] is False
    assert "straight lines" in " ".join(card["limits"])


def test_an_unknown_metric_is_refused_before_anything_is_measured(
    run: Run, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (run.preprocess(), train()) == (0, 0)
    assert run.evaluate("--metric", "accuracy", "--threshold", "0.1") == 2
    assert capsys.readouterr().err.startswith("evaluate: --metric: got accuracy, which is unknown")
    assert not run.evaluation.exists()


def test_houses_beyond_what_was_learned_are_counted(run: Run, train: Train) -> None:
    assert (run.preprocess(), train(), run.evaluate()) == (0, 0, 0)
    rows = (run.splits / "test" / "test.csv").read_text().splitlines()[1:]
    features = json.loads((run.model / "model.json").read_text())["features"]
    outside = 0
    for row in rows:
        values = [float(text) for text in row.split(",")[1:5]]
        inside = [one["minimum"] <= value <= one["maximum"] for one, value in zip(features, values, strict=True)]
        outside += not all(inside)
    text = (run.evaluation / "model-card.md").read_text()
    assert f"- {outside} of the {len(rows)} houses of the test split have a feature outside" in text


def test_no_file_tells_where_or_when_it_was_made(run: Run, train: Train) -> None:
    assert (run.preprocess(), train(), run.evaluate()) == (0, 0, 0)
    for folder in (run.splits, run.root / "ml", run.evaluation):
        for name, content in contents(folder).items():
            assert str(run.root).encode() not in content, name
            assert b"20" + b"26-" not in content, name
