"""Superseded data gets its tag, whoever dies on the way, and data that counts never does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lake_faults import Killed
from lake_world import World, orders_csv

from lakehouse.errors import StaleBase, StorageError
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


def orders(world: World, value: str = "true") -> list[str]:
    """The tagged partitions of orders, such as `r1/2026-01-01`."""
    keys = [key for key, tag in world.tags("orders/").items() if tag == value]
    return [key.removeprefix("orders/run=").replace("order_date=", "").removesuffix("/part-0.parquet") for key in keys]


def deliver(world: World, name: str) -> None:
    """A delivery that no other one has the content of."""
    world.deliver(f"incoming/orders/{name}.csv", orders_csv(int(name)))


def publish_two(world: World) -> None:
    """r1 publishes two days; r2 writes one of them again."""
    deliver(world, "1")
    world.run("r1", {"2026-01-01": 1, "2026-01-02": 1})
    deliver(world, "2")
    world.run("r2", {"2026-01-02": 2})


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
    with world.hooked("before-call", lambda operation, _: _refuse(operation == "PutObjectTagging")):
        world.run("v1", mode="verification")
    assert world.keys(world.processed, "verification/v1/_state/given-up/") == []


def _refuse(wrong: bool) -> None:
    if wrong:
        raise Killed


def killed_before(world: World, operation: str, function: str, run_id: str) -> None:
    """Lets a function die when it is about to make the first call of a kind."""
    with world.hooked("before-call", lambda name, _: _refuse(name == operation)), pytest.raises(Killed):
        world.call(function, run_id)


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


def refuse(world: World, run_id: str) -> None:
    """A run whose data does not pass the gate, up to the step that says so."""
    world.call("validate", run_id)
    world.work(run_id, score=0.5)


def test_a_candidate_that_was_refused_is_tagged(world: World) -> None:
    deliver(world, "1")
    refuse(world, "r1")
    world.call("quarantine", "r1")
    assert orders(world) == ["r1/2026-01-01"]
    assert world.keys(world.processed, "_state/") == []


@pytest.mark.parametrize("operation", ["PutMetricData", "ListObjectsV2", "PutObjectTagging"])
def test_a_death_before_its_tags_is_made_good_by_the_next_run(world: World, operation: str) -> None:
    deliver(world, "1")
    refuse(world, "r1")
    killed_before(world, operation, "quarantine", "r1")
    assert world.tags() == {}
    world.call("validate", "r2")
    assert orders(world) == ["r1/2026-01-01"]
    assert world.keys(world.processed, "_state/given-up/") == []


def test_a_run_that_starts_over_keeps_what_it_writes_then(world: World) -> None:
    deliver(world, "1")
    refuse(world, "r1")
    killed_before(world, "ListObjectsV2", "quarantine", "r1")
    world.call("validate", "r1")
    world.work("r1")
    # Another run looks after what was given up; r1 is not, any more.
    world.call("validate", "r2")
    assert world.tags() == {}
    world.call("publish", "r1")
    assert world.tags() == {}


def test_a_run_that_starts_over_while_another_one_tidies_up(world: World) -> None:
    deliver(world, "1")
    refuse(world, "r1")
    killed_before(world, "ListObjectsV2", "quarantine", "r1")
    started = False

    def start_over(operation: str, facts: Any) -> None:
        nonlocal started
        if operation == "ListObjectsV2" and "orders/run=r1/" in str(facts["params"]) and not started:
            started = True
            world.call("validate", "r1")
            world.work("r1")

    with world.hooked("before-call", start_over):
        world.call("validate", "r2")
    assert started
    assert world.tags() == {}


def test_the_candidate_that_lost_the_race_is_tagged_and_the_winner_is_not(world: World) -> None:
    deliver(world, "1")
    world.call("validate", "r1")
    deliver(world, "2")
    world.call("validate", "r2")
    for run_id in ("r1", "r2"):
        world.work(run_id)
    world.call("publish", "r2")
    with pytest.raises(StaleBase):
        world.call("publish", "r1")
    assert orders(world) == ["r1/2026-01-01"]
    assert world.call("validate", "r1") | {"accepted": 0} == world.call("validate", "r1")


def test_a_run_that_published_without_knowing_is_not_given_up(world: World) -> None:
    """The answer to its put got lost, and another run published on top before the client tried again."""
    deliver(world, "1")
    world.call("validate", "r1")
    world.work("r1")
    deliver(world, "2")
    done = False

    def overtake(operation: str, facts: Any) -> None:
        nonlocal done
        if operation == "PutObject" and facts["params"]["url_path"].endswith("/_state/current.json") and not done:
            done = True
            world.write("_state/current.json", {"schema": 1, "version": 1, "snapshot": "_state/snapshots/1-r1.json"})
            world.run("r2", {"2026-01-02": 1})

    with world.hooked("before-call", overtake), pytest.raises(StaleBase):
        world.call("publish", "r1")
    assert sorted(world.partitions("orders")) == ["2026-01-01", "2026-01-02"]
    assert world.tags() == {}


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
