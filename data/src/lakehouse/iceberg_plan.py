"""What an Iceberg table lacks of the published snapshot: the part of the job commit_iceberg that only decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakehouse.candidate import Partitions

#: The mark that every live Iceberg table is in line with a snapshot, below the root of live runs.
COMMITTED = "_state/iceberg.json"
#: What each commit of the pipeline says of itself in the summary of its Iceberg snapshot.
VERSION, SNAPSHOT = "slipway.version", "slipway.snapshot"


@dataclass(frozen=True)
class Stamp:
    """A published state: its version (1, 2, …) and the path of its snapshot below the root."""

    version: int
    snapshot: str

    def to_json(self) -> dict[str, Any]:
        """The mark."""
        return {"schema": 1, "version": self.version, "snapshot": self.snapshot}


@dataclass(frozen=True)
class TableSnapshot:
    """One snapshot of an Iceberg table: the one before it and what its commit said."""

    parent: int | None
    summary: Mapping[str, str]


def is_behind(mark: Mapping[str, Any] | None, snapshot: str) -> bool:
    """Whether a table may still lack something of the published snapshot (its path), going by the mark."""
    return mark is None or mark["snapshot"] != snapshot


def newest_stamp(snapshots: Mapping[int, TableSnapshot], head: int | None) -> Stamp | None:
    """The newest stamp on the way from the current snapshot (`head`) back; None when there is none.

    Commits of others, such as compaction, lie in between and change no rows. Expired snapshots end the way.
    """
    while head is not None and head in snapshots:
        summary = snapshots[head].summary
        if VERSION in summary and SNAPSHOT in summary:
            return Stamp(int(summary[VERSION]), summary[SNAPSHOT])
        head = snapshots[head].parent
    return None


def differing(before: Partitions, after: Partitions) -> list[str]:
    """Values of the partitions that came, moved or went. Files of a run never change, so places tell."""
    places = [{value: entry.location for value, entry in table.items()} for table in (before, after)]
    return sorted(value for value in {*before, *after} if places[0].get(value) != places[1].get(value))
