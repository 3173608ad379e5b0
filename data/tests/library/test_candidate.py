from __future__ import annotations

from typing import Any

import pytest

from lakehouse.candidate import (
    EMPTIED,
    Candidate,
    Change,
    Delivery,
    PartitionEntry,
    Plan,
    overlay,
    parse_plan,
    parse_tables,
    totals,
)
from lakehouse.errors import StorageError


def entry(rows: int, name: str = "a") -> PartitionEntry:
    return PartitionEntry(f"s3://b/{name}/", rows, f"{rows:016x}")


def test_a_plan_gives_the_files_of_a_dataset_in_order_of_their_keys() -> None:
    document = {
        "base": {"version": 3, "snapshot": "_state/snapshots/3-x.json"},
        "accepted": [
            {"dataset": "orders", "key": "b.csv", "sha256": "2", "bytes": 2, "etag": "e"},
            {"dataset": "orders", "key": "a.csv", "sha256": "1", "bytes": 1},
            {"dataset": "products", "key": "c.csv", "sha256": "3", "bytes": 3},
        ],
    }
    plan = parse_plan(document, "here")
    assert (plan.version, plan.snapshot) == (3, "_state/snapshots/3-x.json")
    assert plan.of("orders") == [Delivery("orders", "a.csv", 1, None), Delivery("orders", "b.csv", 2, "e")]
    assert Plan(0, None, ()).of("orders") == []


@pytest.mark.parametrize(
    "document", [None, {}, {"base": {"version": "x", "snapshot": None}, "accepted": []}, {"base": 1}]
)
def test_a_plan_that_is_none_is_named(document: Any) -> None:
    with pytest.raises(StorageError, match="here: not a plan"):
        parse_plan(document, "here")


@pytest.mark.parametrize(
    "document", [None, {"datasets": {"a": {}}}, {"datasets": {"a": {"partitions": {"x": {"rows": 1}}}}}]
)
def test_partitions_that_are_none_are_named(document: Any) -> None:
    with pytest.raises(StorageError, match="here: partitions are not readable"):
        parse_tables(document, "here")


def test_a_change_takes_the_place_of_partitions_and_removes_emptied_ones() -> None:
    base = {"x": entry(1), "y": entry(2), "z": entry(3)}
    after = overlay(base, {"y": entry(5, "b"), "z": EMPTIED, "new": entry(7)})
    assert after == {"x": entry(1), "y": entry(5, "b"), "new": entry(7)}
    assert totals(after) == (13, f"{13:016x}")


def test_a_candidate_is_read_as_it_was_written() -> None:
    change = Change(9, 4, 2, {"late_row": 1, "duplicate_key": 2}, {"y": entry(5), "z": EMPTIED}, 6, "0" * 16)
    document = Candidate("r", 3, {"orders": change}).to_json()
    assert document["base"] == {"version": 3}
    assert list(document["datasets"]["orders"]["quarantined"]) == ["duplicate_key", "late_row"]
    assert parse_tables(document, "here") == {"orders": change.partitions}
