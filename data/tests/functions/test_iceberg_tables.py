"""Runs where the published tables are Iceberg: the functions leave them to the job, and everything else is Parquet."""

from __future__ import annotations

from typing import Any

import pytest
from lake_world import World, orders_csv

from lakehouse.catalogue import CatalogueError, parquet_table
from lakehouse.iceberg_plan import Stamp, TableSnapshot, newest_stamp
from lakehouse.schema import load_datasets

STAMP = {"slipway.version": "3", "slipway.snapshot": "_state/snapshots/3-r3.json"}


@pytest.fixture
def iceberg(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A lake whose live tables are as Glue shows Iceberg ones."""
    monkeypatch.setenv("TABLE_FORMAT", "iceberg")
    for name, dataset in load_datasets().items():
        columns = [{"Name": column.name, "Type": str(column.type)} for column in dataset.table_columns]
        place = f"s3://{world.processed}/iceberg/{name}"
        table = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"table_type": "ICEBERG", "metadata_location": f"{place}/metadata/0.metadata.json"},
            "StorageDescriptor": {"Columns": columns, "Location": place},
        }
        world.clients.glue.delete_table(DatabaseName="lake", Name=name)
        world.clients.glue.create_table(DatabaseName="lake", TableInput=table)
    return world


def definition(world: World, database: str, name: str = "orders") -> Any:
    return world.clients.glue.get_table(DatabaseName=database, Name=name)["Table"]


def test_live_tables_are_left_to_the_job(iceberg: World) -> None:
    before = definition(iceberg, "lake")
    iceberg.deliver("incoming/orders/a.csv", orders_csv(1))
    report = iceberg.run("r1")
    assert (report["outcome"], iceberg.pointer()) == ("published", 1)
    assert iceberg.partitions("orders") == {}
    assert definition(iceberg, "lake") == before


@pytest.mark.parametrize(("mode", "database"), [("live", "lake_staging"), ("verification", "lake_verification")])
def test_all_other_tables_are_parquet_made_from_their_datasets(iceberg: World, mode: str, database: str) -> None:
    root = "" if mode == "live" else "verification/r1/"
    iceberg.deliver(f"{root}incoming/orders/a.csv", orders_csv(1))
    iceberg.run("r1", mode=mode)
    place = f"s3://{iceberg.processed}/{root}orders/run=r1/order_date=2026-01-01/"
    assert iceberg.partitions("orders", database) == {"2026-01-01": place}
    found = definition(iceberg, database)
    assert found["PartitionKeys"] == [{"Name": "order_date", "Type": "date"}]
    assert found["Parameters"]["classification"] == "parquet"
    assert "table_type" not in found["Parameters"]
    assert found["StorageDescriptor"]["Location"] == f"s3://{iceberg.processed}/{root}orders/"
    assert [column["Name"] for column in found["StorageDescriptor"]["Columns"]][:2] == ["order_id", "customer_id"]


def test_tables_made_from_datasets_are_those_that_deployments_make(world: World) -> None:
    for name, dataset in load_datasets().items():
        made, live = parquet_table(dataset), definition(world, "lake", name)
        for part in ("Name", "Description", "TableType", "PartitionKeys"):
            assert made[part] == live[part]
        for part in ("Columns", "InputFormat", "OutputFormat"):
            assert made["StorageDescriptor"][part] == live["StorageDescriptor"][part]


def test_a_missing_live_table_is_found_before_anything_is_registered(iceberg: World) -> None:
    iceberg.deliver("incoming/orders/a.csv", orders_csv(1))
    iceberg.call("validate", "r1")
    iceberg.work("r1")
    iceberg.clients.glue.delete_table(DatabaseName="lake", Name="orders")
    with pytest.raises(CatalogueError, match="lake has no table orders: deploy"):
        iceberg.call("catalog", "r1")


def test_validation_tells_whether_the_tables_lag_behind(iceberg: World) -> None:
    def behind(run: str, mode: str = "live") -> Any:
        return iceberg.call("validate", run, mode)["behind"]

    assert behind("r0") is False
    iceberg.deliver("incoming/orders/a.csv", orders_csv(1))
    iceberg.run("r1")
    assert behind("r1") is True
    assert behind("r2") is True
    assert behind("r3", "verification") is False
    # What the job leaves when it is through.
    iceberg.write("_state/iceberg.json", iceberg.json("_state/current.json"))
    assert behind("r4") is False
    iceberg.deliver("incoming/orders/b.csv", orders_csv(2))
    iceberg.run("r5")
    assert behind("r6") is True


def test_validation_says_nothing_of_it_where_tables_are_parquet(world: World) -> None:
    assert "behind" not in world.call("validate", "r1")


@pytest.mark.parametrize(
    ("snapshots", "head", "found"),
    [
        ({}, None, None),
        ({1: TableSnapshot(None, STAMP)}, 1, Stamp(3, STAMP["slipway.snapshot"])),
        ({1: TableSnapshot(None, STAMP), 2: TableSnapshot(1, {})}, 2, Stamp(3, STAMP["slipway.snapshot"])),
        # Expired, half a stamp, on another branch.
        ({2: TableSnapshot(1, {})}, 2, None),
        ({1: TableSnapshot(None, {"slipway.version": "3"})}, 1, None),
        ({1: TableSnapshot(None, {}), 2: TableSnapshot(1, STAMP)}, 1, None),
    ],
)
def test_the_newest_stamp_is_found_behind_the_commits_of_others(
    snapshots: dict[int, TableSnapshot], head: int | None, found: Stamp | None
) -> None:
    assert newest_stamp(snapshots, head) == found
