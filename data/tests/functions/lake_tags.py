"""Deliveries, refusals and deaths, and the tags that superseded data has after them."""

from __future__ import annotations

import pytest
from lake_faults import Killed
from lake_world import World, orders_csv


def orders(world: World, value: str = "true") -> list[str]:
    """The tagged partitions of orders, such as `r1/2026-01-01`."""
    keys = [key for key, tag in world.tags("orders/").items() if tag == value]
    return [key.removeprefix("orders/run=").replace("order_date=", "").removesuffix("/part-0.parquet") for key in keys]


def deliver(world: World, name: str) -> None:
    """A delivery that no other one has the content of."""
    world.deliver(f"incoming/orders/{name}.csv", orders_csv(int(name)))


def refuse(world: World, run_id: str) -> None:
    """A run whose data does not pass the gate, up to the step that says so."""
    world.call("validate", run_id)
    world.work(run_id, score=0.5)


def die(wrong: bool) -> None:
    if wrong:
        raise Killed


def killed_before(world: World, operation: str, function: str, run_id: str) -> None:
    """Lets a function die when it is about to make the first call of a kind."""
    with world.hooked("before-call", lambda name, _: die(name == operation)), pytest.raises(Killed):
        world.call(function, run_id)
