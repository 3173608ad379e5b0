"""Houses made up from a seed, and the folders of the steps around them."""

from __future__ import annotations

import csv
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from housing.command import main
from housing.schema import COLUMNS, Houses

# Trains in the folders of a run: hyper-parameters, arguments, variables; answers the exit code.
Train = Callable[..., int]


def make_houses(count: int = 240, seed: int = 7, noise: float = 0.05) -> Houses:
    random = np.random.default_rng(seed)
    area = np.round(random.uniform(30, 250, count), 1)
    bedrooms = np.floor(area / 45) + random.integers(0, 2, count)
    bathrooms = 1.0 + random.integers(0, 3, count)
    age = 1.0 * random.integers(0, 100, count)
    worth = 18_500 + 1420.5 * area + 8300 * bedrooms + 11_200 * bathrooms - 350 * age
    price = np.round(worth * random.normal(1, noise, count), 2)
    ids = tuple(f"H{index:08d}" for index in range(count))
    return Houses(ids, np.column_stack([area, bedrooms, bathrooms, age, price]))


def write_csv(path: Path, houses: Houses, columns: Sequence[str] = COLUMNS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for house, numbers in zip(houses.ids, houses.numbers.tolist(), strict=True):
            row = dict(zip(COLUMNS, [house, *numbers], strict=True))
            writer.writerow([row.get(column, "") for column in columns])
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def pack(model: Path) -> Path:
    """What becomes of a model's folder when a training ends."""
    with tarfile.open(model / "model.tar.gz", "w:gz") as archive:
        for name in ("model.json", "model.onnx"):
            content = (model / name).read_bytes()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    return model


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Run:
    """The folders of one execution."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def splits(self) -> Path:
        return self.root / "splits"

    @property
    def model(self) -> Path:
        return self.root / "ml" / "model"

    @property
    def evaluation(self) -> Path:
        return self.root / "evaluation"

    def training(self, hyperparameters: Mapping[str, object] | None = None) -> dict[str, str]:
        """The variables that SageMaker's toolkit sets for a training."""
        ml = self.root / "ml"
        return {
            "SM_CHANNEL_TRAIN": str(self.splits / "train"),
            "SM_CHANNEL_VALIDATION": str(self.splits / "validation"),
            "SM_INPUT_DIR": str(ml / "input"),
            "SM_MODEL_DIR": str(self.model),
            "SM_OUTPUT_DIR": str(ml / "output"),
            "SM_OUTPUT_DATA_DIR": str(ml / "output" / "data"),
            "SM_HPS": json.dumps(hyperparameters or {}),
        }

    def preprocess(self, *more: str) -> int:
        return main(["preprocess", "--input", str(self.data), "--output", str(self.splits), *more])

    def evaluate(self, *more: str, validation: bool = True) -> int:
        names = ("test", "validation", "manifest") if validation else ("test", "manifest")
        folders = [text for name in names for text in (f"--{name}", str(self.splits / name))]
        return main(["evaluate", "--model", str(self.model), *folders, "--output", str(self.evaluation), *more])
