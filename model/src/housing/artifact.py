"""The model as files: `model.onnx`, and `model.json` that says what it is. Together they are `model.tar.gz`."""

from __future__ import annotations

import json
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import onnxruntime

from housing.errors import ArtifactError, UsageError
from housing.hyperparameters import Hyperparameters
from housing.learning import INPUT, OUTPUT
from housing.schema import FEATURE_NAMES, FEATURES, TARGET, Floats, Houses
from modelkit.hashing import canonical_json, sha256_hex

ONNX_FILE, DOCUMENT_FILE, ARCHIVE = "model.onnx", "model.json", "model.tar.gz"
# Far above the largest forest that the hyper-parameters allow; below what a broken archive may claim to hold.
_MOST_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Artifact:
    """A model that can predict, and its document."""

    onnx: bytes
    document: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """Identifies the model: its document has the digest of its graph."""
        return sha256_hex(canonical_json(self.document))

    def predict(self, houses: Houses) -> Floats:
        """The prices, computed as they are where the model is served."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Warnings are about graphics cards that are not there.
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(self.onnx, options, providers=["CPUExecutionProvider"])
            (prices,) = session.run([OUTPUT], {INPUT: houses.features.astype(np.float32)})
        except Exception as error:  # the classes of onnxruntime's errors have no public base but this
            raise ArtifactError(f"{ONNX_FILE}: cannot be run: {error}") from error
        return np.asarray(prices, dtype=np.float64).reshape(-1)


def make_artifact(onnx: bytes, parameters: Hyperparameters, train: Houses, data: str) -> Artifact:
    """The artifact of a training on a file with the digest `data`. Nothing in it depends on where or when."""
    lows, highs = train.features.min(axis=0).tolist(), train.features.max(axis=0).tolist()
    features = [
        {"name": column.name, "minimum": low, "maximum": high}
        for column, low, high in zip(FEATURES, lows, highs, strict=True)
    ]
    document = {
        "schema": 1,
        "name": "housing",
        "algorithm": parameters.algorithm,
        "hyperparameters": parameters.counting(),
        "features": features,
        "target": TARGET.name,
        "onnx": {"file": ONNX_FILE, "sha256": sha256_hex(onnx)},
        "training": {"rows": len(train), "data": data},
    }
    return Artifact(onnx, document)


def artifact_files(artifact: Artifact) -> dict[str, bytes]:
    """The artifact's files by their names."""
    return {ONNX_FILE: artifact.onnx, DOCUMENT_FILE: canonical_json(artifact.document)}


def read_artifact(folder: Path) -> Artifact:
    """The artifact in a folder with `model.tar.gz`.

    Raises UsageError where it is not there and ArtifactError where it is not a model of house prices.
    """
    path = folder / ARCHIVE
    if not path.is_file():
        raise UsageError(f"{path}: no such file; it is what training made")
    files = _unpack(path)
    missing = [name for name in (DOCUMENT_FILE, ONNX_FILE) if name not in files]
    if missing:
        raise ArtifactError(f"{path}: {' and '.join(missing)} is missing in it")
    try:
        document = json.loads(files[DOCUMENT_FILE])
        problem = _problem(document, files[ONNX_FILE])
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path}: {DOCUMENT_FILE} is not one: {error!r}") from error
    if problem is not None:
        raise ArtifactError(f"{path}: {DOCUMENT_FILE}: {problem}")
    return Artifact(files[ONNX_FILE], document)


def _unpack(path: Path) -> dict[str, bytes]:
    """The two files, wherever the archive says that they go: nothing is written."""
    files = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = str(PurePosixPath(member.name))
                if name not in (DOCUMENT_FILE, ONNX_FILE) or not member.isfile():
                    continue
                if member.size > _MOST_BYTES:
                    raise ArtifactError(f"{path}: {name} is of {member.size} bytes, expected at most {_MOST_BYTES}")
                content = archive.extractfile(member)
                files[name] = content.read() if content is not None else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ArtifactError(f"{path}: a broken archive: {error}") from error
    return files


def _problem(document: Mapping[str, Any], onnx: bytes) -> str | None:
    features = tuple(feature["name"] for feature in document["features"])
    given = (document["schema"], document["target"], features)
    expected = (1, TARGET.name, FEATURE_NAMES)
    for what, found, wanted in zip(("schema", "target", "features"), given, expected, strict=True):
        if found != wanted:
            return f"{what}: got {found}, expected {wanted}"
    if document["onnx"]["sha256"] != sha256_hex(onnx):
        return f"onnx.sha256: got {document['onnx']['sha256']}, expected {sha256_hex(onnx)} of {ONNX_FILE}"
    for what, text in (("algorithm", document["algorithm"]), ("training.data", document["training"]["data"])):
        if not isinstance(text, str):
            return f"{what}: got {text!r}, expected text"
    return None
