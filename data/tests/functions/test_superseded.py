"""Superseded data gets its tag, whoever dies on the way, and data that counts never does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lake_tags import deliver, die, killed_before, orders
from lake_world import World, orders_csv

from lakehouse.state import Store
from lakehouse.superseded import expendable, expire, named, superseded

# Few names, so that they meet, one of them the beginning of another.
_FOLDERS = st.builds(
    "s3://lake/{}/run={}/day={}/".format, st.sampled_from(["a", "ab"]), st.sampled_from("12"), st.integers(1, 12)
)
_FILES = st.lists(
    st.builds(lambda folder, name: folder + name, _FOLDERS, st.sampled_from(["p", "x/p"])), unique=True, max_size=20
)
_TABLES = st.dictionaries(
    st.sampled_from(["a", "ab"]), st.dictionaries(st.integers(1, 9).map(str), st.none() | _FOLDERS)
)


def snapshot(tables: dict[str, dict[str, str | None]]) -> Any:
    return {
        "datasets": {
            name: {"partitions": {value: {"location": place} for value, place in table.items()}}
            for name, table in tables.items()
        }
    }


@given(files=_FILES, tables=_TABLES)
def test_what_is_published_is_never_expendable(files: list[str], tables: dict[str, dict[str, str | None]]) -> None:
    kept = named(snapshot(tables))
    chosen = expendable(files, kept)
    assert not [file for file in chosen for location in kept if file.startswith(location)]
    # And everything else is.
    assert {file for file in files if file not in chosen} == {
        file for file in files if any(file.startswith(location) for location in kept)
    }


@given(before=_TABLES, after=_TABLES)
def test_superseded_is_what_the_next_snapshot_leaves_out(before: Any, after: Any) -> None:
    found = superseded(snapshot(before), snapshot(after))
    assert not set(found) & named(snapshot(after))
    assert set(found) | named(snapshot(after)) >= named(snapshot(before))
    assert found == sorted(set(found) & named(snapshot(before)))


def test_what_is_no_longer_published_is_tagged(world: World) -> None:
    deliver(world, "1")
    world.run("r1", {"2026-01-01": 1, "2026-01-02": 1, "2026-01-03": 1})
    assert world.tags() == {}
    deliver(world, "2")
    world.call("validate", "r2")
    world.work("r2", {"2026-01-02": 5}, emptied=("2026-01-03",))
    world.call("publish", "r2")
    assert orders(world) == ["r1/2026-01-02", "r1/2026-01-03"]
    location = f"s3://{world.processed}/orders/run=r1/order_date="
    assert [place for place in world.snapshot()["superseded"] if "/orders/" in place] == [
        f"{location}2026-01-02/",
        f"{location}2026-01-03/",
    ]
    assert sorted(world.tags("daily_features/")) == [
        f"daily_features/run=r1/feature_date=2026-01-0{day}/part-0.parquet" for day in (2, 3)
    ]


def test_many_partitions(world: World) -> None:
    days = {f"2026-{month:02d}-{day:02d}": 1 for month in range(1, 5) for day in range(1, 26)}
    deliver(world, "1")
    world.run("r1", days)
    deliver(world, "2")
    world.run("r2", days)
    assert orders(world) == [f"r1/{day}" for day in sorted(days)]


def test_a_verification_goes_as_a_whole(world: World) -> None:
    for name in ("1", "2"):
        world.deliver(f"verification/v1/incoming/orders/{name}.csv", orders_csv(int(name)))
    with world.hooked("before-call", lambda operation, _: die(operation == "PutObjectTagging")):
        world.run("v1", mode="verification")
    assert world.keys(world.processed, "verification/v1/_state/given-up/") == []


def test_a_death_between_pointer_and_tags_is_made_good_by_the_next_run(world: World) -> None:
    deliver(world, "1")
    world.run("r1")
    deliver(world, "2")
    world.call("validate", "r2")
    world.work("r2")
    killed_before(world, "PutObjectTagging", "publish", "r2")
    assert (world.pointer(), world.tags()) == (2, {})
    # Nothing is pending, and what is due is done all the same.
    assert world.call("validate", "r3")["accepted"] == 0
    assert orders(world) == ["r1/2026-01-01"]


def test_a_file_that_went_meanwhile(world: World) -> None:
    deliver(world, "1")
    world.run("r1", {"2026-01-01": 1, "2026-01-02": 1})
    deliver(world, "2")
    world.call("validate", "r2")
    world.work("r2", {"2026-01-01": 1, "2026-01-02": 1})

    def remove(operation: str, _: Any) -> None:
        if operation == "PutObjectTagging":
            key = "orders/run=r1/order_date=2026-01-01/part-0.parquet"
            world.clients.s3.delete_object(Bucket=world.processed, Key=key)

    with world.hooked("before-call", remove):
        world.call("publish", "r2")
    assert orders(world) == ["r1/2026-01-02"]


def test_other_errors_of_tagging_are_not_hidden(world: World) -> None:
    elsewhere = Store(world.clients.s3, "nowhere-at-all", "")
    with pytest.raises(Exception, match="NoSuchBucket"):
        elsewhere.tag("a", {})
    # What lies in another bucket is not this store's to tag.
    store = Store(world.clients.s3, world.processed, "")
    assert expire(store, ["s3://another/orders/run=r1/day=1/"], lambda: snapshot({})) == 0
