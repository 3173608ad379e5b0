"""Step 3: measures a model with houses that it has never seen, and describes it for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from housing.artifact import Artifact, read_artifact
from housing.card import Card, Gate, card_document, card_text
from housing.errors import DataError
from housing.files import csv_bytes, number_text, read_split, write
from housing.leakage import keys_of, refuse_leaks
from housing.manifest import Manifest, read_manifest
from housing.metrics import measure
from housing.schema import Floats, Houses
from modelkit.hashing import canonical_json


@dataclass(frozen=True)
class Evaluation:
    """Where an evaluation reads and writes."""

    model: Path
    test: Path
    manifest: Path
    output: Path
    validation: Path | None = None
    gate: Gate | None = None


def evaluate(job: Evaluation) -> Card:
    """Measures the model and writes evaluation, model card and predictions.

    Raises DataError where the test split is not the one that belongs to the model's data, or was learned from.
    """
    manifest = read_manifest(job.manifest)
    artifact = read_artifact(job.model)
    # Before anything is measured: numbers from data that was learned from look best of all.
    test, validation = _splits(job, manifest)
    _refuse_other_data(artifact, manifest)
    refuse_leaks({**manifest.keys, "test": keys_of(test)})
    predicted = artifact.predict(test)
    card = Card(
        artifact=artifact,
        manifest=manifest,
        metrics=measure(test.prices, predicted),
        validation=None if validation is None else measure(validation.prices, artifact.predict(validation)),
        outside=_outside(artifact, test),
        gate=job.gate,
    )
    for name, content in _files(card, test, predicted).items():
        write(job.output / name, content)
    return card


def _splits(job: Evaluation, manifest: Manifest) -> tuple[Houses, Houses | None]:
    test, digest = read_split(job.test, "test")
    manifest.check("test", digest)
    if job.validation is None:
        return test, None
    validation, digest = read_split(job.validation, "validation")
    manifest.check("validation", digest)
    return test, validation


def _refuse_other_data(artifact: Artifact, manifest: Manifest) -> None:
    learned, expected = artifact.document["training"]["data"], manifest.parts["train"].sha256
    if learned != expected:
        message = f"the model learned from data with sha256 {learned}, the manifest's train split has {expected}"
        raise DataError(f"{message}; measure a model with the test split of its own data")


def _outside(artifact: Artifact, test: Houses) -> int:
    """How many houses have a feature beyond what the model has seen."""
    ranges = artifact.document["features"]
    low = np.array([feature["minimum"] for feature in ranges])
    high = np.array([feature["maximum"] for feature in ranges])
    return int(np.any((test.features < low) | (test.features > high), axis=1).sum())


def _files(card: Card, test: Houses, predicted: Floats) -> dict[str, bytes]:
    metrics = {name: {"value": value} for name, value in card.metrics.items()}
    rows = (
        [number_text(actual), number_text(round(price, 2))]
        for actual, price in zip(test.prices, predicted.tolist(), strict=True)
    )
    return {
        "evaluation.json": canonical_json({"schema": 1, "metrics": metrics}),
        "model-card.json": canonical_json(card_document(card)),
        "model-card.md": card_text(card).encode(),
        "predictions.csv": csv_bytes(("actual", "predicted"), rows),
    }
