"""What a reader from outside of the pipeline finds, by the documents that runs really leave."""

from __future__ import annotations

import pytest
from lake_world import World, orders_csv

from lakehouse.errors import SchemaError, StorageError
from lakehouse.published import PublishedTable, read_published
from lakehouse.state import Store


def of(world: World, dataset: str = "orders", root: str = "") -> PublishedTable | None:
    return read_published(Store(world.clients.s3, world.processed, root), dataset)


def publish(world: World, run_id: str, *numbers: int, **days: int) -> None:
    world.deliver(f"incoming/orders/{run_id}.csv", orders_csv(*numbers))
    world.run(run_id, {f"2026-01-0{name[1:]}": rows for name, rows in days.items()})


def test_before_anything_is_published_there_is_no_table(world: World) -> None:
    assert of(world) is None


def test_a_table_is_the_files_of_every_run_that_wrote_a_partition_last(world: World) -> None:
    publish(world, "r1", 1, d1=1, d2=2)
    publish(world, "r2", 2, d2=4, d3=8)
    assert of(world) == PublishedTable(
        version=2,
        snapshot="2-r2",
        bucket=world.processed,
        files=(
            "orders/run=r1/order_date=2026-01-01/part-0.parquet",
            "orders/run=r2/order_date=2026-01-02/part-0.parquet",
            "orders/run=r2/order_date=2026-01-03/part-0.parquet",
        ),
        rows=13,
        checksum=f"{13:016x}",
    )


def test_a_table_that_nobody_delivered_is_empty_and_one_that_there_is_not_is_refused(world: World) -> None:
    publish(world, "r1", 1, d1=1)
    assert of(world, "houses") == PublishedTable(1, "1-r1", world.processed, (), 0, "0" * 16)
    with pytest.raises(SchemaError, match="dataset house: unknown"):
        of(world, "house")


def test_keys_are_those_of_the_bucket_also_below_another_root(world: World) -> None:
    world.deliver("verification/v1/incoming/orders/a.csv", orders_csv(1))
    world.run("v1", {"2026-01-01": 1}, mode="verification")
    table = of(world, root="verification/v1/")
    assert table is not None
    assert table.files == ("verification/v1/orders/run=v1/order_date=2026-01-01/part-0.parquet",)
    for key in table.files:
        assert world.body(table.bucket, key) == b"PAR1"
    assert of(world) is None


def test_a_partition_whose_files_are_gone_is_not_passed_over(world: World) -> None:
    publish(world, "r1", 1, d1=1, d2=1)
    folder = "orders/run=r1/order_date=2026-01-02/"
    world.clients.s3.delete_object(Bucket=world.processed, Key=f"{folder}part-0.parquet")
    world.clients.s3.put_object(Bucket=world.processed, Key=f"{folder}_SUCCESS", Body=b"")
    with pytest.raises(StorageError) as caught:
        of(world)
    where = f"s3://{world.processed}/{folder}"
    assert str(caught.value) == f"{where}: published, and nothing is there any more: read the pointer again"
