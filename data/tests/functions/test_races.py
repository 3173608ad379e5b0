"""Two runs at once, and runs that die: whatever happens, one state comes out."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lake_world import World, orders_csv

from lakehouse.errors import StaleBase


def plan_two(world: World) -> None:
    """r1 is planned with one delivery, r2 with that and another one; both from the same published state."""
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    assert world.call("validate", "r1")["accepted"] == 1
    world.deliver("incoming/orders/b.csv", orders_csv(2))
    assert world.call("validate", "r2")["accepted"] == 2
    world.work("r1", {"2026-01-01": 1})
    world.work("r2", {"2026-01-01": 2})


def published_deliveries(world: World) -> list[str]:
    """The keys of all deliveries of all published versions."""
    found = []
    path = world.json("_state/current.json")["snapshot"]
    while path is not None:
        snapshot = world.json(path)
        found += [delivery["key"] for delivery in snapshot["deliveries"]]
        path = snapshot["base"]
    return sorted(found)


@pytest.mark.parametrize("base", [0, 1])
def test_of_two_publishes_at_once_exactly_one_wins(world: World, base: int) -> None:
    if base:
        world.deliver("incoming/orders/first.csv", orders_csv(9))
        world.run("r0")
    plan_two(world)
    together = threading.Barrier(2, timeout=60)

    def meet(operation: str, facts: Any) -> None:
        if operation == "PutObject" and facts["params"]["url_path"].endswith("/_state/current.json"):
            together.wait()

    def publish(run_id: str) -> Any:
        try:
            return world.call("publish", run_id)
        except StaleBase as error:
            return error

    with world.hooked("before-call", meet), ThreadPoolExecutor(2) as pool:
        answers = dict(zip(("r1", "r2"), pool.map(publish, ("r1", "r2")), strict=True))
    (loser,) = [run_id for run_id, answer in answers.items() if isinstance(answer, StaleBase)]
    (winner,) = {"r1", "r2"} - {loser}
    assert world.snapshot()["runId"] == winner
    assert world.pointer() == base + 1
    # Planned again, the loser takes what the winner left, under its own name.
    report = world.run(loser, {"2026-01-02": 4})
    assert (report["outcome"], report["files"]["accepted"]) == (("published", 1) if winner == "r1" else ("nothing", 0))
    expected = ["incoming/orders/a.csv", "incoming/orders/b.csv"]
    assert published_deliveries(world) == expected + ["incoming/orders/first.csv"] * base
    assert list(world.partitions("orders")) == sorted({"2026-01-01", *({"2026-01-02"} if winner == "r1" else set())})


def test_a_run_that_was_overtaken_changes_nothing_but_the_tags_of_its_own_data(world: World) -> None:
    plan_two(world)
    world.call("publish", "r2")
    before = world.dump()
    with pytest.raises(StaleBase, match="planned from version 0, published is 1"):
        world.call("publish", "r1")
    after = world.dump()
    assert {key.split("/")[1]: value for key, value in after.pop("tags").items()} == {"run=r1": "true"}
    assert after == {key: value for key, value in before.items() if key != "tags"}


def test_a_pointer_that_was_removed_is_a_stale_base(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r1")
    world.deliver("incoming/orders/b.csv", orders_csv(2))
    world.call("validate", "r2")
    world.work("r2")

    def remove(operation: str, facts: Any) -> None:
        if operation == "PutObject" and facts["params"]["url_path"].endswith("/_state/snapshots/2-r2.json"):
            world.clients.s3.delete_object(Bucket=world.processed, Key="_state/current.json")

    with world.hooked("before-call", remove), pytest.raises(StaleBase):
        world.call("publish", "r2")


def test_a_put_that_worked_but_whose_answer_was_lost(world: World) -> None:
    """The client tries again, and is refused: by its own first attempt."""
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.call("validate", "r1")
    world.work("r1")
    pointer = {"schema": 1, "version": 1, "snapshot": "_state/snapshots/1-r1.json"}

    def first_attempt(operation: str, facts: Any) -> None:
        if operation == "PutObject" and facts["params"]["url_path"].endswith("/_state/current.json"):
            world.write("_state/current.json", pointer) if "_state/current.json" not in world.keys(
                world.processed
            ) else None

    lock = threading.Lock()

    def once(operation: str, facts: Any) -> None:
        # The hook writes with the same client and would meet itself.
        if lock.acquire(blocking=False):
            try:
                first_attempt(operation, facts)
            finally:
                lock.release()

    with world.hooked("before-call", once):
        assert world.call("publish", "r1")["outcome"] == "published"
    assert world.pointer() == 1


def test_a_slow_run_does_not_take_the_catalog_back(world: World) -> None:
    """r1 falls asleep between pointer and catalog; r2 finishes its work and publishes; then r1 wakes up."""
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.call("validate", "r1")
    world.work("r1", {"2026-01-01": 1})
    asleep = True

    def sleep(operation: str, _: Any) -> None:
        nonlocal asleep
        if operation == "BatchCreatePartition" and asleep:
            asleep = False
            world.deliver("incoming/orders/b.csv", orders_csv(2))
            assert world.run("r2", {"2026-01-01": 5})["version"] == 2

    with world.hooked("before-call", sleep):
        world.call("publish", "r1")
    assert world.pointer() == 2
    assert [location.split("/")[4] for location in world.partitions("orders").values()] == ["run=r2"]
    assert world.json("_runs/r1/report.json")["version"] == 1


Step = Callable[[World], object]


def prepare(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r0", {"2026-01-01": 1, "2026-01-02": 1})
    world.deliver("incoming/orders/again.csv", orders_csv(1))
    world.deliver("incoming/orders/c.csv", orders_csv(3))
    world.deliver("incoming/orders/bad.csv", b"\xff")


def validate(world: World) -> object:
    return world.call("validate", "r1")


def planned(world: World) -> None:
    prepare(world)
    validate(world)
    world.work("r1", {"2026-01-02": 3}, emptied=("2026-01-01",))


def staged(world: World) -> None:
    planned(world)
    world.call("catalog", "r1")


def refused(world: World) -> None:
    planned(world)
    world.work("r1", score=0.5)


STEPS: dict[str, tuple[Step, Step]] = {
    "validate": (prepare, validate),
    "catalog": (planned, lambda world: world.call("catalog", "r1")),
    "publish": (staged, lambda world: world.call("publish", "r1")),
    "quarantine": (refused, lambda world: world.call("quarantine", "r1")),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_dies_after_any_write_is_run_again(make_world: Callable[[], World], name: str) -> None:
    before, step = STEPS[name]
    world = make_world()
    before(world)
    writes = world.writes(lambda: step(world))
    expected = world.dump()
    assert len(writes) >= {"validate": 6, "catalog": 4, "publish": 12, "quarantine": 2}[name]
    for count in range(1, len(writes) + 1):
        world = make_world()
        before(world)
        world.killed_after(count, functools.partial(step, world))
        step(world)
        assert world.dump() == expected, f"{name} died after {writes[:count]}"
    # Once more when all is done: not one write too many.
    step(world)
    assert world.dump() == expected


def test_the_next_run_finishes_what_a_dead_one_published(make_world: Callable[[], World]) -> None:
    def before() -> World:
        world = make_world()
        world.deliver("incoming/orders/a.csv", orders_csv(1))
        world.call("validate", "r1")
        world.work("r1")
        return world

    def publish(world: World) -> Any:
        return world.call("publish", "r1")

    world = before()
    writes = world.writes(lambda: publish(world))
    expected = world.dump()
    for count in range(1, len(writes) + 1):
        world = before()
        world.killed_after(count, functools.partial(publish, world))
        answer = world.call("validate", "r2")
        # The first write is the snapshot, the second one the pointer: from then on it is published.
        assert answer["accepted"] == (1 if count == 1 else 0)
        if count > 1:
            found = world.dump()
            others = {key: value for key, value in found["documents"].items() if "_runs/r2/" not in key}
            assert {**found, "documents": others} == expected


def test_a_run_that_published_plans_nothing_more(world: World) -> None:
    """Its jobs would write over published files."""
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r1")
    before = world.dump()
    world.deliver("incoming/orders/b.csv", orders_csv(2))
    assert world.call("validate", "r1")["accepted"] == 0
    world.run("r2")
    assert world.call("validate", "r1")["accepted"] == 0
    assert world.call("publish", "r1")["outcome"] == "published"
    assert world.call("quarantine", "r1")["outcome"] == "published"
    assert world.json("_runs/r1/report.json") == before["documents"]["processed-_runs/r1/report.json"]
    assert world.pointer() == 2
