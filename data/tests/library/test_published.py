from __future__ import annotations

from typing import Any

import pytest

from lakehouse.candidate import EMPTIED, PartitionEntry
from lakehouse.errors import StorageError
from lakehouse.published import data_files, folders_of, partitions_of

ROOT = "s3://processed/verification/v1/"


def entry(folder: str) -> PartitionEntry:
    return PartitionEntry(folder, 1, f"{1:016x}")


def test_the_partitions_of_a_table_come_from_the_snapshot_and_from_no_other_table() -> None:
    month = {"location": f"{ROOT}houses/run=r/sold_month=2024-04-01/", "rows": 3, "checksum": "0" * 16}
    snapshot = {"datasets": {"houses": {"partitions": {"2024-04-01": month}}, "orders": {"partitions": {}}}}
    found = partitions_of(snapshot, "houses", "here")
    assert {value: each.to_json() for value, each in found.items()} == {"2024-04-01": month}
    assert partitions_of(snapshot, "orders", "here") == partitions_of(snapshot, "products", "here") == {}


@pytest.mark.parametrize("snapshot", [{}, {"datasets": {"houses": {}}}, {"datasets": []}])
def test_a_snapshot_that_is_none_is_named(snapshot: Any) -> None:
    with pytest.raises(StorageError, match="here: partitions are not readable"):
        partitions_of(snapshot, "houses", "here")


def test_folders_are_told_below_the_root_and_in_order() -> None:
    # A table's partitions come from as many runs as wrote them last.
    partitions = {
        "2024-04-01": entry(f"{ROOT}houses/run=b/sold_month=2024-04-01/"),
        "2024-05-01": entry(f"{ROOT}houses/run=a/sold_month=2024-05-01/"),
        "2024-06-01": EMPTIED,
    }
    assert folders_of(partitions, ROOT) == [
        "houses/run=a/sold_month=2024-05-01/",
        "houses/run=b/sold_month=2024-04-01/",
    ]
    assert folders_of({}, ROOT) == []


@pytest.mark.parametrize(
    "location",
    ["s3://elsewhere/houses/run=a/sold_month=2024-04-01/", "s3://processed/houses/", f"{ROOT}houses/run=a", "houses/"],
)
def test_a_folder_that_is_not_below_the_root_is_refused(location: str) -> None:
    with pytest.raises(StorageError) as caught:
        folders_of({"2024-04-01": entry(location)}, ROOT)
    assert str(caught.value) == f"{location}: expected a folder below {ROOT}"


def test_only_files_with_rows_count() -> None:
    names = {"part-1.parquet", "part-0.snappy.parquet", "_SUCCESS", ".part-0.parquet.crc", "_temporary/0/p.parquet"}
    assert data_files({*names, "_x.parquet", "sub/.y/p.parquet", "notes.txt"}) == [
        "part-0.snappy.parquet",
        "part-1.parquet",
    ]
