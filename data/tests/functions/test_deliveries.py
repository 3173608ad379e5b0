"""Deliveries over time: the same content again, files that change while they are read, connections that break."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from lake_world import HEADERS, World, orders_csv

from lakehouse.errors import StorageError

MIB = 1 << 20


def test_folder_markers_are_no_deliveries(world: World) -> None:
    world.deliver("incoming/", b"")
    world.deliver("incoming/orders/", b"")
    assert world.call("validate", "r1") | {"accepted": 0, "rejected": 0} == world.call("validate", "r1")


def test_more_files_than_one_page_lists(world: World) -> None:
    for number in range(25):
        world.deliver(f"incoming/orders/{number:04d}.csv", orders_csv(number))
    pages = []

    def small_pages(operation: str, facts: Any) -> None:
        if operation == "ListObjectsV2":
            facts["params"]["MaxKeys"] = 10
            pages.append(facts["params"]["Bucket"])

    with world.hooked("provide-client-params", small_pages):
        assert world.call("validate", "r1")["accepted"] == 25
    assert pages.count(world.raw) == 3


def test_the_same_content_is_taken_once(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.deliver("incoming/orders/same.csv", orders_csv(1))
    world.deliver("incoming/customers/same.csv", HEADERS["customers"].encode())
    answer = world.call("validate", "r1")
    assert (answer["accepted"], answer["skipped"]) == (2, 1)
    plan = world.json("_runs/r1/plan.json")
    assert [item["key"] for item in plan["accepted"]] == ["incoming/customers/same.csv", "incoming/orders/a.csv"]
    assert plan["skipped"][0]["because"] == "the content of incoming/orders/a.csv"


@pytest.mark.parametrize("bad", ["_a.csv", "z.txt"])
def test_a_file_under_a_bad_name_does_not_stand_for_the_good_one(world: World, bad: str) -> None:
    """As somebody leaves it who writes under another name first, or delivers once more under one."""
    for name in (bad, "a.csv"):
        world.deliver(f"incoming/orders/{name}", orders_csv(1))
    files = world.run("r1")["files"]
    assert files == {"accepted": 1, "rejected": [], "skipped": [f"incoming/orders/{bad}"]}
    world.deliver("incoming/orders/again.csv", orders_csv(1))
    assert world.run("r2")["files"]["skipped"] == ["incoming/orders/again.csv"]


@pytest.mark.parametrize("key", ["incoming/orders/a.csv", "incoming/orders/other.csv"])
def test_content_that_was_published_is_skipped(world: World, key: str) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    world.run("r1")
    world.clients.s3.delete_object(Bucket=world.raw, Key="incoming/orders/a.csv")
    world.deliver(key, b"something else")
    world.deliver(key, orders_csv(1))
    _forget_writes(world)
    report = world.run("r2")
    assert (report["outcome"], report["files"]) == ("nothing", {"accepted": 0, "rejected": [], "skipped": [key]})
    assert world.pointer() == 1


def test_what_is_settled_is_not_read_again(world: World) -> None:
    for name, body in (("a", orders_csv(1)), ("same", orders_csv(1)), ("bad", b"")):
        world.deliver(f"incoming/orders/{name}.csv", body)
    assert world.run("r1")["files"]["skipped"] == ["incoming/orders/same.csv"]
    reads = []
    with world.hooked("before-call", lambda operation, facts: reads.append(str(facts["params"].get("url_path")))):
        assert world.run("r2")["files"] == {"accepted": 0, "rejected": [], "skipped": []}
    assert not [path for path in reads if path.endswith(".csv")]


def _forget_writes(world: World) -> None:
    """As if the object had been written a while later: S3 tells seconds only, and a test is faster."""
    for key in world.keys(world.processed, "_state/seen/"):
        world.clients.s3.delete_object(Bucket=world.processed, Key=key)


def test_refused_content_is_refused_once(world: World) -> None:
    world.deliver("incoming/orders/a.csv", b"\xff")
    world.run("r1")
    world.deliver("incoming/orders/b.csv", b"\xff")
    report = world.run("r2")
    assert (report["outcome"], report["files"]["skipped"]) == ("nothing", ["incoming/orders/b.csv"])


def test_refused_content_that_is_good_now_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema was changed to what is delivered; the file comes once more."""
    world.deliver("incoming/returns/a.csv", orders_csv(1))
    world.run("r1")
    from lakehouse import delivery_intake

    datasets = delivery_intake.load_datasets()
    monkeypatch.setattr(delivery_intake, "load_datasets", lambda: {**datasets, "returns": datasets["orders"]})
    world.deliver("incoming/returns/b.csv", orders_csv(1))
    assert world.call("validate", "r2")["accepted"] == 1


def interfere(world: World, moment: str, path: str, action: Callable[[], object]) -> Any:
    """Does something once, right before a call for that object."""
    done: list[bool] = []

    def hook(operation: str, facts: Any) -> None:
        if operation == moment and facts["params"]["url_path"].endswith(path) and not done:
            done.append(True)
            action()

    return world.hooked("before-call", hook)


def test_a_file_that_is_replaced_while_it_is_looked_at_waits_for_the_next_run(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    with interfere(world, "GetObject", "a.csv", lambda: world.deliver("incoming/orders/a.csv", orders_csv(2))):
        assert world.call("validate", "r1")["accepted"] == 0
    assert world.call("validate", "r2")["accepted"] == 1


def test_a_file_that_is_removed_while_it_is_looked_at_is_gone(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    remove = partial(world.clients.s3.delete_object, Bucket=world.raw, Key="incoming/orders/a.csv")
    with interfere(world, "GetObject", "a.csv", remove):
        assert world.call("validate", "r1") | {"accepted": 0, "rejected": 0} == world.call("validate", "r1")


def test_a_bad_file_that_is_replaced_before_it_is_copied_waits_for_the_next_run(world: World) -> None:
    world.deliver("incoming/orders/a.csv", b"\xff")
    with interfere(world, "CopyObject", "a.csv", lambda: world.deliver("incoming/orders/a.csv", orders_csv(2))):
        assert world.call("validate", "r1")["rejected"] == 0
    assert world.keys(world.quarantine) == []
    assert world.call("validate", "r2")["accepted"] == 1


def test_a_huge_file_needs_little_memory(world: World) -> None:
    """One row of 64 MiB is no reason to hold 64 MiB: the job sets the row aside."""
    world.deliver("incoming/orders/huge.csv", orders_csv(1) + b"x" * (64 * MIB))
    tracemalloc.start()
    try:
        assert world.call("validate", "r1")["accepted"] == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * MIB


class Broken:
    """A body whose connection breaks."""

    def iter_chunks(self, size: int) -> Any:
        yield b"order_id"
        raise ReadTimeoutError(endpoint_url="http://s3")


def broken_reads(world: World, times: int) -> Any:
    left = [times]

    def hook(operation: str, facts: Any) -> None:
        csv = operation == "GetObject" and facts["parsed"].get("ContentType", "application/json") != "application/json"
        if csv and left[0] > 0:
            left[0] -= 1
            facts["parsed"]["Body"] = Broken()

    return world.hooked("after-call", hook)


def test_a_connection_that_breaks_is_tried_again(world: World) -> None:
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    with broken_reads(world, 2):
        assert world.call("validate", "r1")["accepted"] == 1
    with broken_reads(world, 3), pytest.raises(ReadTimeoutError):
        world.call("validate", "r2")


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject", "CopyObject"])
def test_what_nobody_may_read_fails_the_run(world: World, operation: str) -> None:
    world.deliver("incoming/orders/a.csv", b"\xff")

    def deny(called: str, facts: Any) -> None:
        if called == operation and facts["params"]["url_path"].endswith("/a.csv"):
            raise ClientError({"Error": {"Code": "AccessDenied"}}, called)

    with world.hooked("before-call", deny), pytest.raises(ClientError, match="AccessDenied"):
        world.call("validate", "r1")
    assert "_runs/r1/plan.json" not in world.keys(world.processed)


def test_state_that_cannot_be_read_fails_the_run(world: World) -> None:
    world.clients.s3.put_object(Bucket=world.processed, Key="_state/current.json", Body=b"{")
    with pytest.raises(StorageError, match="not valid JSON"):
        world.call("validate", "r1")

    def deny(called: str, _: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, called)

    with world.hooked("before-call", deny), pytest.raises(ClientError, match="AccessDenied"):
        world.call("validate", "r1")
