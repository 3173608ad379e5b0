"""The documents between the steps of a run: the plan, the published snapshot and the candidate, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lakehouse.checksum import add_checksums, to_hex
from lakehouse.errors import StorageError


@dataclass(frozen=True)
class PartitionEntry:
    """Where a partition's rows are, how many, and their checksum. No location: the partition holds nothing."""

    location: str | None
    rows: int
    checksum: str

    def to_json(self) -> dict[str, Any]:
        """As documents write it."""
        return {"location": self.location, "rows": self.rows, "checksum": self.checksum}


Partitions = Mapping[str, PartitionEntry]
EMPTIED = PartitionEntry(None, 0, to_hex(0))


@dataclass(frozen=True)
class Delivery:
    """An accepted file of the plan: its key in the raw bucket, its size in bytes, its ETag if the plan knows it."""

    dataset: str
    key: str
    size: int
    etag: str | None


@dataclass(frozen=True)
class Plan:
    """What a run is to do: the version it starts from, where that version's snapshot is, and the accepted files."""

    version: int
    snapshot: str | None
    accepted: tuple[Delivery, ...]

    def of(self, dataset: str) -> list[Delivery]:
        """The files of one dataset in order of their keys."""
        return sorted((item for item in self.accepted if item.dataset == dataset), key=lambda item: item.key)


@dataclass(frozen=True)
class Change:
    """What a run does to one table: counts, changed partitions, and rows and checksum of the table afterwards."""

    read: int
    new: int
    replaced: int
    quarantined: Mapping[str, int]
    partitions: Partitions
    rows: int
    checksum: str

    def to_json(self) -> dict[str, Any]:
        """As candidate.json and features.json write it."""
        return {
            "read": self.read,
            "new": self.new,
            "replaced": self.replaced,
            "quarantined": dict(sorted(self.quarantined.items())),
            "partitions": {value: entry.to_json() for value, entry in sorted(self.partitions.items())},
            "rows": self.rows,
            "checksum": self.checksum,
        }


@dataclass(frozen=True)
class Candidate:
    """What a run would publish, per dataset. Written last of all: without it the run's files mean nothing."""

    run_id: str
    version: int
    changes: Mapping[str, Change] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The document."""
        datasets = {name: change.to_json() for name, change in self.changes.items()}
        return {"schema": 1, "runId": self.run_id, "base": {"version": self.version}, "datasets": datasets}


def overlay(base: Partitions, delta: Partitions) -> dict[str, PartitionEntry]:
    """The partitions of a table after a change: emptied ones are gone."""
    return {value: entry for value, entry in {**base, **delta}.items() if entry.location is not None}


def totals(partitions: Partitions) -> tuple[int, str]:
    """Rows and checksum of a table from its partitions."""
    entries = partitions.values()
    return sum(entry.rows for entry in entries), add_checksums(entry.checksum for entry in entries)


def parse_plan(document: Any, where: str) -> Plan:
    """Reads plan.json. Raises StorageError naming the place when it is not one."""
    try:
        base = document["base"]
        accepted = tuple(
            Delivery(item["dataset"], item["key"], int(item["bytes"]), item.get("etag"))
            for item in document["accepted"]
        )
        return Plan(int(base["version"]), base["snapshot"], accepted)
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{where}: not a plan: {error!r}") from error


def parse_tables(document: Any, where: str) -> dict[str, dict[str, PartitionEntry]]:
    """The partitions of every dataset in a snapshot, a candidate or a features document."""
    try:
        return {name: _partitions(table["partitions"]) for name, table in document["datasets"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StorageError(f"{where}: partitions are not readable: {error!r}") from error


def _partitions(entries: Mapping[str, Any]) -> dict[str, PartitionEntry]:
    return {
        value: PartitionEntry(entry["location"], int(entry["rows"]), entry["checksum"])
        for value, entry in entries.items()
    }
