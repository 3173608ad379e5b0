"""The pointer moved by hand, back to an older snapshot or forth again: what it names counts again."""

from __future__ import annotations

import pytest
from lake_tags import deliver, orders
from lake_world import World

from lakehouse.errors import StorageError


def publish_two(world: World) -> None:
    """r1 publishes two days; r2 writes one of them again."""
    deliver(world, "1")
    world.run("r1", {"2026-01-01": 1, "2026-01-02": 1})
    deliver(world, "2")
    world.run("r2", {"2026-01-02": 2})


def go_to(world: World, path: str) -> None:
    """What somebody does by hand to go back, or forth again."""
    world.write("_state/current.json", {"schema": 1, "version": world.json(path)["version"], "snapshot": path})


def test_going_back_makes_the_old_data_count_again(world: World) -> None:
    publish_two(world)
    assert orders(world) == ["r1/2026-01-02"]
    go_to(world, "_state/snapshots/1-r1.json")
    world.call("validate", "r3")
    assert orders(world) == []
    assert orders(world, "false") == ["r1/2026-01-01", "r1/2026-01-02"]
    assert {location.split("/")[4] for location in world.partitions("orders").values()} == {"run=r1"}
    go_to(world, "_state/snapshots/2-r2.json")
    world.call("validate", "r4")
    assert orders(world) == ["r1/2026-01-02"]
    assert world.partitions("orders")["2026-01-02"].split("/")[4] == "run=r2"


def test_going_back_over_several_versions_and_half_the_way_forth(world: World) -> None:
    publish_two(world)
    deliver(world, "3")
    world.run("r3", {"2026-01-01": 3, "2026-01-02": 3})
    assert orders(world) == ["r1/2026-01-01", "r1/2026-01-02", "r2/2026-01-02"]
    for path in ("1-r1", "2-r2"):
        go_to(world, f"_state/snapshots/{path}.json")
        world.call("validate", f"after-{path}")
        published = {f"{place.split('/')[4][4:]}/{day}" for day, place in world.partitions("orders").items()}
        assert not published & set(orders(world)), path


def test_going_back_to_data_that_has_expired_is_refused(world: World) -> None:
    publish_two(world)
    key = "orders/run=r1/order_date=2026-01-02/part-0.parquet"
    world.clients.s3.delete_object(Bucket=world.processed, Key=key)
    go_to(world, "_state/snapshots/1-r1.json")
    with pytest.raises(StorageError, match="order_date=2026-01-02/: nothing there any more"):
        world.call("validate", "r3")
    assert "run=r2" in world.partitions("orders")["2026-01-02"]
