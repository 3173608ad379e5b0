"""Tables and partitions in a real catalog."""

from __future__ import annotations

from typing import Any

import pytest
from lake_world import World, orders_csv

from lakehouse import catalogue
from lakehouse.candidate import PartitionEntry, parse_plan
from lakehouse.catalogue import CatalogueError, register
from lakehouse.events import EventsRefused, put_events


def entry(value: str, run: str = "r1") -> PartitionEntry:
    return PartitionEntry(f"s3://lake/orders/run={run}/order_date={value}/", 1, f"{1:016x}")


def sync(world: World, run: str, *values: str, target: str = "lake") -> int:
    tables = {"orders": {value: entry(value, run) for value in values}}
    return register(world.clients.glue, "lake", target, tables, "s3://lake/", run)


@pytest.mark.parametrize("target", ["lake", "lake_staging", "lake_verification"])
def test_partitions_come_move_and_go(world: World, target: str) -> None:
    assert sync(world, "r1", "a", "b", "c", target=target) == 3
    assert sync(world, "r1", "a", "b", "c", target=target) == 0
    assert sync(world, "r2", "b", "d", target=target) == 4
    assert world.partitions("orders", target) == {value: entry(value, "r2").location for value in ("b", "d")}


def test_a_partition_that_another_run_adds_meanwhile(world: World) -> None:
    def be_quicker(operation: str, _: Any) -> None:
        if operation == "BatchCreatePartition" and not world.partitions("orders"):
            place = {"Values": ["a"], "StorageDescriptor": {"Location": "s3://elsewhere/"}}
            world.clients.glue.create_partition(DatabaseName="lake", TableName="orders", PartitionInput=place)

    with world.hooked("before-call", be_quicker):
        sync(world, "r1", "a", "b")
    assert world.partitions("orders") == {value: entry(value).location for value in ("a", "b")}


def test_a_copy_follows_the_live_table(world: World) -> None:
    sync(world, "r1", "a", target="lake_staging")
    glue = world.clients.glue
    live = glue.get_table(DatabaseName="lake", Name="orders")["Table"]
    descriptor = live["StorageDescriptor"]
    descriptor["Columns"].append({"Name": "coupon", "Type": "string"})
    changed = {"Name": "orders", "StorageDescriptor": descriptor, "PartitionKeys": live["PartitionKeys"]}
    glue.update_table(DatabaseName="lake", TableInput=changed)
    sync(world, "r2", "a", target="lake_staging")
    copy = glue.get_table(DatabaseName="lake_staging", Name="orders")["Table"]
    assert copy["StorageDescriptor"]["Columns"] == descriptor["Columns"]
    assert copy["StorageDescriptor"]["Location"] == "s3://lake/orders/"
    assert copy["Parameters"]["slipway.run"] == "r2"


def test_a_copy_that_another_run_makes_meanwhile(world: World) -> None:
    def be_quicker(operation: str, _: Any) -> None:
        tables = world.clients.glue.get_tables(DatabaseName="lake_staging")["TableList"]
        if operation == "CreateTable" and not tables:
            empty = {"Name": "orders"}
            # The hook would meet the call that it makes itself.
            world.clients.glue.meta.events.unregister("before-call", hooked)
            world.clients.glue.create_table(DatabaseName="lake_staging", TableInput=empty)

    def hooked(event_name: str, **facts: Any) -> None:
        if event_name.endswith(".CreateTable"):
            be_quicker("CreateTable", facts)

    world.clients.glue.meta.events.register("before-call", hooked)
    sync(world, "r1", "a", target="lake_staging")
    copy = world.clients.glue.get_table(DatabaseName="lake_staging", Name="orders")["Table"]
    assert copy["PartitionKeys"] == [{"Name": "order_date", "Type": "date"}]
    assert list(world.partitions("orders", "lake_staging")) == ["a"]


def test_a_missing_table_says_what_to_do(world: World) -> None:
    world.clients.glue.delete_table(DatabaseName="lake", Name="orders")
    with pytest.raises(CatalogueError, match="lake has no table orders: deploy"):
        sync(world, "r1", "a")


def test_a_table_without_partition_column_is_refused(world: World) -> None:
    world.clients.glue.update_table(DatabaseName="lake", TableInput={"Name": "orders", "PartitionKeys": []})
    with pytest.raises(CatalogueError, match="not partitioned by one column"):
        sync(world, "r1", "a")


def test_refused_partitions_are_an_error() -> None:
    answer = {"Errors": [{"PartitionValues": ["a"], "ErrorDetail": {"ErrorCode": "InternalServiceException"}}]}
    with pytest.raises(CatalogueError, match="orders: 1 partitions were refused: InternalServiceException"):
        catalogue._errors(answer, {"Name": "orders"}, {"AlreadyExistsException"})


def test_refused_events_are_an_error() -> None:
    class Bus:
        def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
            return {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "ThrottlingException"}]}

    with pytest.raises(EventsRefused, match="1 events were refused: ThrottlingException"):
        put_events(Bus(), [{}, {}])


def test_the_jobs_read_the_plan(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.call("validate", "r1")
    plan = parse_plan(world.json("_runs/r1/plan.json"), "plan")
    assert (plan.version, plan.snapshot, len(plan.of("orders"))) == (0, None, 1)
    assert plan.accepted[0].etag == world.clients.s3.head_object(Bucket=world.raw, Key="incoming/orders/a.csv")[
        "ETag"
    ].strip('"')
