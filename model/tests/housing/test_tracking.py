"""MLflow is told about runs where it is asked for, and nothing depends on it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from made_houses import Run, Train

from housing import tracking
from housing.errors import UsageError
from housing.tracking import Tracked, check_tracking, track

RUN = Tracked("try", {"r2": 0.5}, {"alpha": 1.0}, {"artifact.sha256": "abc"})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of runs that is a folder."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "runs").as_uri())
    for name in (*tracking._DEFAULTS, "MLFLOW_ALLOW_FILE_STORE"):
        # Set and removed again: what tracking sets itself is then undone as well.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return tmp_path / "runs"


def value(folder: Path, *parts: str) -> str:
    return folder.joinpath(*parts).read_text().strip()


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_runs_of_training_and_evaluation_are_told(run: Run, train: Train, store: Path) -> None:
    assert run.preprocess() == 0
    assert train({"algorithm": "ridge", "alpha": 2}) == 0
    assert run.evaluate() == 0
    named = {
        value(path.parents[1], "tags", "mlflow.runName"): path.parents[1]
        for path in store.glob("*/*/tags/mlflow.runName")
    }
    assert set(named) == {"train", "evaluate"}
    experiments = {line for path in store.glob("*/meta.yaml") for line in path.read_text().splitlines()}
    assert "name: housing" in experiments
    report = json.loads((run.root / "ml" / "output" / "data" / "training.json").read_text())
    trained = named["train"]
    assert {path.name: path.read_text() for path in (trained / "params").iterdir()} == {
        **{"algorithm": "ridge", "alpha": "2.0", "trees": "100", "depth": "8"},
    }
    assert float(value(trained, "metrics", "validation_r2").split()[1]) == report["validation"]["r2"]
    assert value(trained, "tags", "artifact.sha256") == report["artifact"]
    assert value(trained, "tags", "data.sha256") == report["data"]["train"]
    evaluation = json.loads((run.evaluation / "evaluation.json").read_text())["metrics"]
    assert float(value(named["evaluate"], "metrics", "test_mae").split()[1]) == evaluation["mae"]["value"]
    assert value(named["evaluate"], "tags", "artifact.sha256") == report["artifact"]


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_runs_go_to_the_experiment_that_is_named(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "other")
    assert track(RUN)
    assert track(RUN)
    names = [path.read_text() for path in store.glob("*/meta.yaml")]
    assert sum("name: other" in text for text in names) == 1
    assert len(list(store.glob("*/*/metrics/r2"))) == 2


def test_without_the_variable_nothing_happens(monkeypatch: pytest.MonkeyPatch, run: Run, train: Train) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    environment: dict[str, str] = {}
    assert not track(RUN, environment)
    assert environment == {}
    assert (run.preprocess(), train(), run.evaluate()) == (0, 0, 0)


def test_a_server_that_is_not_there_costs_no_model(
    run: Run, train: Train, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert run.preprocess() == 0
    # Nobody listens on the port of a service that there is no more.
    assert train(MLFLOW_TRACKING_URI="http://127.0.0.1:9") == 0
    assert "\nnot tracked: http://127.0.0.1:9: " in f"\n{capsys.readouterr().err}"
    assert (run.model / "model.onnx").is_file()
    assert not store.exists()


def test_a_package_that_is_missing_is_said_before_anything_is_trained(
    run: Run, train: Train, store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tracking, "find_spec", lambda name: None)
    assert run.preprocess() == 0
    assert train() == 2
    assert "MLFLOW_TRACKING_URI is set, and mlflow is not installed" in capsys.readouterr().err
    assert not run.model.exists()
    with pytest.raises(UsageError):
        check_tracking({"MLFLOW_TRACKING_URI": store.as_uri()})
    check_tracking({})
