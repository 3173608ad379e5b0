from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from made_houses import Run, Train, make_houses, pack, write_csv

from housing.command import main


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the tests is tracked, and no variable of a real job is seen."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """An execution with data and nothing else."""
    write_csv(tmp_path / "data" / "houses.csv", make_houses())
    return Run(tmp_path)


@pytest.fixture
def train(run: Run, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Trains in the folders of `run` and packs the model."""

    def go(hyperparameters: Mapping[str, object] | None = None, *arguments: str, **more: str) -> int:
        for name, value in {**run.training(hyperparameters), **more}.items():
            monkeypatch.setenv(name, value)
        code = main(["train", *arguments])
        if code == 0:
            pack(run.model)
        return code

    return go
