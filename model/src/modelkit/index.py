"""What follows from the versions of a registry: the list that everybody is shown, and what is served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

from modelkit.documents import MODEL_NAME, Approved, Version
from modelkit.errors import DocumentError
from modelkit.hashing import canonical_json
from modelkit.reader import Reader, parse_json, shown

Stage = Literal["candidate", "rejected", "approved", "serving", "retired"]
_STATUSES = ("candidate", "rejected", "approved", "serving", "retired")
_STAGES = ("dev", "staging", "prod")
_OPTIONAL = ("stage", "weight", "metrics")


@dataclass(frozen=True)
class Registered:
    """One line of the list, as the services' API shows it. What is not known is left out."""

    name: str
    version: str
    status: Stage
    stage: str | None = None
    weight: int | None = None
    metrics: dict[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """As the list has it."""
        line: dict[str, Any] = {"name": self.name, "version": self.version, "status": self.status}
        optional = {"stage": self.stage, "weight": self.weight, "metrics": self.metrics}
        return line | {name: value for name, value in optional.items() if value is not None}


def newest_approved(versions: Iterable[Version]) -> Version | None:
    """The version that is to be served: of those that are approved, the one with the highest number."""
    approved = [version for version in versions if version.status == "Approved"]
    return max(approved, key=lambda version: version.version, default=None)


def approved_of(versions: Iterable[Version]) -> Approved | None:
    """`approved.json`; None where nothing is approved."""
    newest = newest_approved(versions)
    return None if newest is None else Approved(newest.group, newest.version, newest.artifact)


def index_of(versions: Iterable[Version]) -> list[Registered]:
    """`index.json`: every version once, the oldest first, whatever order they come in.

    Raises DocumentError when a number is there twice, or the versions are not of one group.
    """
    ordered = sorted(versions, key=lambda version: version.version)
    numbers = [version.version for version in ordered]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    problems = [f"version {number}: is there twice" for number in twice]
    groups = sorted({version.group for version in ordered})
    if len(groups) > 1:
        problems.append(f"versions of several groups: {', '.join(groups)}")
    if problems:
        raise DocumentError("index.json", problems)
    newest = newest_approved(ordered)
    return [
        Registered(version.name, str(version.version), _stage(version, newest), metrics=version.metrics)
        for version in ordered
    ]


def _stage(version: Version, newest: Version | None) -> Stage:
    if version.status == "PendingManualApproval":
        return "candidate"
    if version.status == "Rejected":
        return "rejected"
    return "serving" if version == newest else "retired"


def index_bytes(index: Iterable[Registered]) -> bytes:
    """The list as it is stored."""
    return canonical_json([line.to_json() for line in index])


def parse_index(data: bytes, where: str) -> list[Registered]:
    """Reads `index.json`. Raises DocumentError that names the place and every broken rule."""
    value = parse_json(data, where)
    if not isinstance(value, list):
        raise DocumentError(where, [f"document: got {shown(value)}, expected a list"])
    problems: list[str] = []
    lines = [_line(Reader(item, f"[{number}]", problems)) for number, item in enumerate(value)]
    if problems:
        raise DocumentError(where, problems)
    return lines


def _line(reader: Reader) -> Registered:
    has = {name: reader.has(name) for name in _OPTIONAL}
    line = Registered(
        name=reader.text("name", MODEL_NAME, "1 to 63 of a-z, 0-9 and -, beginning with a letter"),
        version=_version(reader),
        status=cast(Stage, reader.choice("status", _STATUSES)),
        stage=reader.choice("stage", _STAGES) if has["stage"] else None,
        weight=reader.whole("weight", 0, 100) if has["weight"] else None,
        metrics=reader.numbers("metrics") if has["metrics"] else None,
    )
    reader.only()
    return line


def _version(reader: Reader) -> str:
    value = reader.get("version")
    if isinstance(value, str) and value:
        return value
    reader.refuse("version", "a text that is not empty")
    return ""
