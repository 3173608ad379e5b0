"""Step 2: a model from the train split; the validation split tells how good it is, and which of several is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from housing.artifact import Artifact, artifact_files, make_artifact
from housing.files import read_split, write
from housing.hyperparameters import Hyperparameters
from housing.leakage import keys_of, refuse_leaks
from housing.learning import fit, to_onnx
from housing.manifest import read_manifest
from housing.metrics import measure
from housing.schema import Houses
from housing.surroundings import Training
from modelkit.hashing import canonical_json


@dataclass(frozen=True)
class Trained:
    """A model and what the validation split says about it."""

    parameters: Hyperparameters
    artifact: Artifact
    metrics: dict[str, float]


def train(job: Training, candidates: Sequence[Hyperparameters]) -> Trained:
    """Trains a model for each candidate and writes the best one.

    Raises LeakageError where the splits have something in common.
    """
    houses, data = read_split(job.train, "train")
    validation, validation_data = read_split(job.validation, "validation")
    if job.manifest is not None:
        manifest = read_manifest(job.manifest)
        manifest.check("train", data)
        manifest.check("validation", validation_data)
    refuse_leaks({"train": keys_of(houses), "validation": keys_of(validation)})
    trained = [_train(houses, validation, one, data) for one in candidates]
    # The first of those that are equally good: the order of the candidates is the caller's.
    best = max(trained, key=lambda one: one.metrics["r2"])
    for name, content in artifact_files(best.artifact).items():
        write(job.model / name, content)
    report = {
        "schema": 1,
        "artifact": best.artifact.sha256,
        "data": {"train": data, "validation": validation_data},
        "candidates": [{"hyperparameters": asdict(one.parameters), "metrics": one.metrics} for one in trained],
        "hyperparameters": asdict(best.parameters),
        "validation": best.metrics,
    }
    write(job.output / "training.json", canonical_json(report))
    return best


def _train(houses: Houses, validation: Houses, parameters: Hyperparameters, data: str) -> Trained:
    artifact = make_artifact(to_onnx(fit(houses, parameters)), parameters, houses, data)
    return Trained(parameters, artifact, measure(validation.prices, artifact.predict(validation)))
