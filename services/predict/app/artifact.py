"""A trained model: a graph in ONNX and the document that says what it is, in a folder or as `model.tar.gz`."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np
import onnxruntime
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from .model import ModelError, Row, UnpredictableError, where

DOCUMENT, GRAPH = "model.json", "model.onnx"
#: What callers of this service send. A model of anything else would refuse every one of them.
SERVED_FEATURES = frozenset({"age", "area", "bathrooms", "bedrooms"})
# Far above the largest forest that training makes; below what a broken archive may claim to hold.
MOST_BYTES = 1024**3


class _Open(BaseModel):
    # Training may come to say more of a model; what this service needs is checked.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Feature(_Open):
    """A column, and the range that it had in the training data."""

    name: str
    minimum: FiniteFloat
    maximum: FiniteFloat


class Graph(_Open):
    """The file that holds the model, by its content."""

    file: Literal["model.onnx"]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Document(_Open):
    """`model.json` of an artefact."""

    schema_: Literal[1] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    target: Literal["price"]
    features: list[Feature] = Field(min_length=1)
    onnx: Graph


@dataclass(frozen=True)
class OnnxModel:
    """A model that ONNX Runtime computes."""

    name: str
    version: str
    order: Sequence[str]
    """Names of the features in the order in which the graph takes them."""
    session: onnxruntime.InferenceSession

    @property
    def features(self) -> Collection[str]:
        """As Model has it."""
        return self.order

    def predict(self, rows: Sequence[Row]) -> list[float]:
        """As Model has it. All rows at once: a call of the runtime costs more than a row."""
        with np.errstate(over="ignore"):  # what single precision cannot hold is found below
            values = np.array([[row[name] for name in self.order] for row in rows], dtype=np.float32)
        _refuse(np.asarray(~np.isfinite(values).all(axis=1)))
        (given,) = self.session.run(None, {self.session.get_inputs()[0].name: values})
        predictions = np.asarray(given, dtype=np.float64).reshape(-1)
        _refuse(~np.isfinite(predictions))
        return [float(value) for value in predictions]


def _refuse(unusable: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
    if unusable.any():
        raise UnpredictableError(int(np.argmax(unusable)))


def load_folder(folder: Path, version: str | None = None) -> OnnxModel:
    """The model whose two files are in a folder. Raises ModelError."""
    files = {}
    for name in (DOCUMENT, GRAPH):
        try:
            files[name] = (folder / name).read_bytes()
        except OSError as error:
            raise ModelError(f"{folder / name}: {error.strerror}") from error
    return load_files(files, str(folder), version)


def load_archive(content: bytes, place: str, version: str | None = None) -> OnnxModel:
    """The model in the bytes of a `model.tar.gz`. Raises ModelError."""
    return load_files(_unpack(content, place), place, version)


def load_files(files: Mapping[str, bytes], place: str, version: str | None = None) -> OnnxModel:
    """The model in two files, held against the document. Without a version its graph's digest tells it from others.

    Raises ModelError.
    """
    missing = [name for name in (DOCUMENT, GRAPH) if name not in files]
    if missing:
        raise ModelError(f"{place}: {' and '.join(missing)} is missing")
    try:
        document = Document.model_validate_json(files[DOCUMENT])
    except ValidationError as error:
        raise ModelError(f"{place}: {DOCUMENT} is not one of schema 1 ({where(error)})") from error
    digest = sha256(files[GRAPH]).hexdigest()
    if digest != document.onnx.sha256:
        raise ModelError(f"{place}: {GRAPH} is not the file that {DOCUMENT} names")
    names = [feature.name for feature in document.features]
    if sorted(names) != sorted(SERVED_FEATURES):
        asked = _listed(SERVED_FEATURES)
        raise ModelError(f"{place}: made for the features {_listed(names)}, and this service is asked with {asked}")
    return OnnxModel(document.name, version or digest[:12], names, _session(files[GRAPH], len(names), place))


def _listed(names: Collection[str]) -> str:
    # The names are out of a file: short, and nothing that could break a line.
    return ", ".join(repr(name)[1:-1][:40] for name in sorted(names)[:20])


def _session(graph: bytes, width: int, place: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # Requests run side by side already; threads of each model would only get in each other's way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        # Once before anybody asks: a graph of another width or without an answer is found here.
        (given,) = session.run(None, {session.get_inputs()[0].name: np.zeros((1, width), dtype=np.float32)})
    except Exception as error:  # the classes of onnxruntime's errors have no public base but this
        raise ModelError(f"{place}: {GRAPH} cannot be run") from error
    if np.asarray(given).size != 1:
        raise ModelError(f"{place}: {GRAPH} does not give one number per row")
    return session


def _unpack(content: bytes, place: str) -> dict[str, bytes]:
    """The two files, wherever the archive says that they go: nothing is written."""
    files = {}
    try:
        with tarfile.open(fileobj=BytesIO(content), mode="r:gz") as archive:
            for member in archive:
                name = str(PurePosixPath(member.name))
                if name not in (DOCUMENT, GRAPH) or not member.isfile():
                    continue
                if member.size > MOST_BYTES:
                    raise ModelError(f"{place}: {name} is too large: at most {MOST_BYTES} bytes")
                found = archive.extractfile(member)
                files[name] = found.read() if found is not None else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ModelError(f"{place}: a broken archive") from error
    return files
