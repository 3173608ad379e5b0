"""Data of runs that did not publish: it gets its tag, unless the run starts over or has published after all."""

from __future__ import annotations

from typing import Any

import pytest
from lake_tags import deliver, killed_before, orders, refuse
from lake_world import World

from lakehouse.errors import StaleBase


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
