"""The documents of the registry: one per version, and the pointer to the version that is approved.

The same rules are kept by `automation/model/registry`, which reads and writes these documents too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from modelkit.hashing import DIGEST, HEX, canonical_json
from modelkit.reader import Reader, parse_json

SCHEMA = 1
Status = Literal["Approved", "PendingManualApproval", "Rejected"]
STATUSES: tuple[Status, ...] = get_args(Status)
#: Metrics between 0 and 1: a threshold on them means the same for every model.
THRESHOLD_METRICS = ("r2", "within_10_percent", "explained_variance")

MODEL_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
GROUP_NAME = re.compile(r"[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}")
_LOCATION = re.compile(
    # A bucket and a key, or a path that does not leave the folder it is relative to.
    r"s3://[a-z0-9.-]{3,63}/(?:[^/]+/)*[^/]+|(?!s3:)(?!.*(?:^|/)\.\.?(?:/|$))(?:[^/\\:]+/)*[^/\\:]+"
)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z")
_TEXT = re.compile(r"\S.{0,1023}")


@dataclass(frozen=True)
class Artifact:
    """The bytes of a model: where they are, their hash and how many there are."""

    uri: str
    sha256: str
    bytes: int

    def to_json(self) -> dict[str, Any]:
        """As documents write it."""
        return {"uri": self.uri, "sha256": self.sha256, "bytes": self.bytes}


@dataclass(frozen=True)
class Threshold:
    """What a metric had to reach."""

    metric: str
    minimum: float

    def to_json(self) -> dict[str, Any]:
        """As documents write it."""
        return {"metric": self.metric, "minimum": self.minimum}


@dataclass(frozen=True)
class Lineage:
    """What a model was made from: data, code (`sha256:<hex>`), and the execution that made it."""

    data: str
    code: str
    execution: str

    def to_json(self) -> dict[str, Any]:
        """As documents write it."""
        return {"data": self.data, "code": self.code, "execution": self.execution}


@dataclass(frozen=True)
class Version:
    """One version of a model: `versions/<version>.json`."""

    group: str
    name: str
    version: int
    status: Status
    artifact: Artifact
    metrics: dict[str, float]
    threshold: Threshold
    lineage: Lineage
    created_at: str

    def to_json(self) -> dict[str, Any]:
        """The document."""
        return {
            "schema": SCHEMA,
            "group": self.group,
            "name": self.name,
            "version": self.version,
            "status": self.status,
            "artifact": self.artifact.to_json(),
            "metrics": dict(sorted(self.metrics.items())),
            "threshold": self.threshold.to_json(),
            "lineage": self.lineage.to_json(),
            "createdAt": self.created_at,
        }


@dataclass(frozen=True)
class Approved:
    """What is to be served: `approved.json`."""

    group: str
    version: int
    artifact: Artifact

    def to_json(self) -> dict[str, Any]:
        """The document."""
        return {
            "schema": SCHEMA,
            "group": self.group,
            "version": self.version,
            "artifact": self.artifact.to_json(),
        }


def version_bytes(version: Version) -> bytes:
    """A version as it is stored. Raises DocumentError for one that nobody could read again."""
    return _checked(version.to_json(), f"version {version.version} of {version.group}", read_version)


def approved_bytes(approved: Approved) -> bytes:
    """The pointer as it is stored. Raises DocumentError for one that nobody could read again."""
    return _checked(approved.to_json(), f"approved version of {approved.group}", read_approved)


def parse_version(data: bytes, where: str) -> Version:
    """Reads `versions/<n>.json`. Raises DocumentError that names the place and every broken rule."""
    return read_version(parse_json(data, where), where)


def parse_approved(data: bytes, where: str) -> Approved:
    """Reads `approved.json`. Raises DocumentError that names the place and every broken rule."""
    return read_approved(parse_json(data, where), where)


def read_version(value: Any, where: str) -> Version:
    """As parse_version, for JSON that has been parsed."""
    reader = _document(value)
    version = Version(
        group=_group(reader),
        name=reader.text("name", MODEL_NAME, "1 to 63 of a-z, 0-9 and -, beginning with a letter"),
        version=reader.whole("version", 1),
        status=cast(Status, reader.choice("status", STATUSES)),
        artifact=_artifact(reader),
        metrics=reader.numbers("metrics"),
        threshold=_threshold(reader.inner("threshold")),
        lineage=_lineage(reader.inner("lineage")),
        created_at=reader.text("createdAt", _TIME, "a time in UTC like 2026-01-02T03:04:05Z"),
    )
    _finish(reader, where)
    return version


def read_approved(value: Any, where: str) -> Approved:
    """As parse_approved, for JSON that has been parsed."""
    reader = _document(value)
    approved = Approved(group=_group(reader), version=reader.whole("version", 1), artifact=_artifact(reader))
    _finish(reader, where)
    return approved


def _document(value: Any) -> Reader:
    reader = Reader(value)
    reader.whole("schema", SCHEMA, SCHEMA)
    return reader


def _finish(reader: Reader, where: str) -> None:
    reader.only()
    reader.finish(where)


def _group(reader: Reader) -> str:
    return reader.text("group", GROUP_NAME, "1 to 63 letters, digits and -")


def _artifact(outer: Reader) -> Artifact:
    reader = outer.inner("artifact")
    artifact = Artifact(
        uri=reader.text("uri", _LOCATION, "s3://bucket/key or a path within the registry"),
        sha256=reader.text("sha256", HEX, "64 hexadecimal digits"),
        bytes=reader.whole("bytes", 1),
    )
    reader.only()
    return artifact


def _threshold(reader: Reader) -> Threshold:
    threshold = Threshold(metric=reader.choice("metric", THRESHOLD_METRICS), minimum=reader.number("minimum", 0, 1))
    reader.only()
    return threshold


def _lineage(reader: Reader) -> Lineage:
    rule = "1 to 1024 characters, not beginning with a space"
    lineage = Lineage(
        data=reader.text("data", _TEXT, rule),
        code=reader.text("code", DIGEST, "sha256:<64 hexadecimal digits>"),
        execution=reader.text("execution", _TEXT, rule),
    )
    reader.only()
    return lineage


def _checked(document: dict[str, Any], where: str, read: Any) -> bytes:
    read(document, where)
    return canonical_json(document)
