"""Files that are not what they should be, by the validate function against real buckets."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from lake_world import HEADERS, World, orders_csv

from lakehouse.delivery import HEADER_LIMIT
from lakehouse.errors import StorageError

ORDERS = HEADERS["orders"]
MIB = 1 << 20


def head(*columns: str) -> bytes:
    return (",".join(columns) + "\n").encode()


def renamed(old: str, new: str) -> bytes:
    return ORDERS.replace(old, new).encode() + b"\n"


COLUMNS = ORDERS.split(",")

BAD: dict[str, tuple[str, bytes, str, int | None]] = {
    "0 bytes": ("orders/a.csv", b"", "empty_object", None),
    "latin-1 in line 3": ("orders/a.csv", orders_csv(1) + b"O2,caf\xe9,\n", "not_utf8", 3),
    "utf-16": ("orders/a.csv", orders_csv(1).decode().encode("utf-16"), "not_utf8", 1),
    "cut inside of a character": ("orders/a.csv", orders_csv(1) + "€".encode()[:2], "not_utf8", 3),
    "a binary file": ("orders/a.csv", b"PAR1\0\0\x15\n", "not_csv", 1),
    "no header": ("orders/a.csv", orders_csv(1).split(b"\n", 1)[1], "missing_header", 1),
    "an empty first line": ("orders/a.csv", b"\n" + orders_csv(1), "missing_header", 1),
    "only a byte order mark": ("orders/a.csv", b"\xef\xbb\xbf", "missing_header", 1),
    "a header with an open quote": ("orders/a.csv", b'"order_id,customer_id\n', "missing_header", 1),
    "a first line without end": ("orders/a.csv", b"a" * (HEADER_LIMIT + 1), "missing_header", 1),
    "a new column": ("orders/a.csv", head(*COLUMNS, "coupon"), "schema_drift_new_column", 1),
    "a column twice": ("orders/a.csv", head(*COLUMNS, "status"), "schema_drift_new_column", 1),
    "a missing column": ("orders/a.csv", head(*COLUMNS[:-1]), "schema_drift_missing_column", 1),
    "a renamed column": ("orders/a.csv", renamed("discount", "rebate"), "schema_drift_missing_column", 1),
    "a column in capitals": ("orders/a.csv", renamed("status", "Status"), "schema_drift_missing_column", 1),
    "another order": ("orders/a.csv", head(*reversed(COLUMNS)), "schema_drift_order", 1),
    "semicolons": ("orders/a.csv", ORDERS.replace(",", ";").encode(), "missing_header", 1),
    "another dataset's columns": ("orders/a.csv", head("product_name", "price_eur"), "missing_header", 1),
    "an unknown dataset": ("returns/a.csv", orders_csv(1), "unknown_dataset", None),
    "a derived dataset": ("daily_features/a.csv", orders_csv(1), "unknown_dataset", None),
    "a folder that is no name": ("../a.csv", orders_csv(1), "unknown_dataset", None),
    "no folder": ("a.csv", orders_csv(1), "unknown_dataset", None),
    "another kind of file": ("orders/a.parquet", orders_csv(1), "not_csv", None),
    "a packed file": ("orders/a.csv.gz", b"\x1f\x8b\x08", "not_csv", None),
}

GOOD: dict[str, tuple[str, bytes]] = {
    "rows": ("orders/a.csv", orders_csv(1, 2)),
    "a header only": ("orders/a.csv", ORDERS.encode() + b"\n"),
    "a header without line end": ("orders/a.csv", ORDERS.encode()),
    "a byte order mark": ("orders/a.csv", b"\xef\xbb\xbf" + orders_csv(1)),
    "line ends of Windows": ("orders/a.csv", orders_csv(1).replace(b"\n", b"\r\n")),
    "a quoted header": ("orders/a.csv", ",".join(f'"{name}"' for name in COLUMNS).encode() + b"\n"),
    "capitals in the ending": ("orders/A.CSV", orders_csv(1)),
    "a folder in the folder": ("orders/2026/01/a.csv", orders_csv(1)),
    "malformed rows are the job's": ("orders/a.csv", orders_csv(1) + b'a,b\n"open\n,,,,,,,,,,,,,\n'),
    "characters of several bytes": ("orders/a.csv", orders_csv(1) + "€ü😀\n".encode()),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_set_aside_with_its_reason(world: World, case: str) -> None:
    path, body, reason, line = BAD[case]
    key = f"incoming/{path}"
    world.deliver(key, body)
    answer = world.call("validate", "r1")
    assert (answer["accepted"], answer["rejected"]) == (0, 1)
    digest = hashlib.sha256(body).hexdigest()
    folder, _, name = path.rpartition("/")
    dataset = folder if folder not in ("", "..") else "_"
    place = f"files/{dataset}/{digest}/{name}"
    assert sorted(world.keys(world.quarantine)) == [place, f"{place}.reason.json"]
    assert world.body(world.quarantine, place) == body
    found = world.json(f"{place}.reason.json", world.quarantine)
    assert found.pop("detail")
    assert found == {"schema": 1, "dataset": dataset, "key": key, "sha256": digest, "reason": reason, "line": line}
    # The original stays where it was delivered.
    assert world.body(world.raw, key) == body


@pytest.mark.parametrize("case", GOOD)
def test_a_good_file_is_planned(world: World, case: str) -> None:
    path, body = GOOD[case]
    world.deliver(f"incoming/{path}", body)
    assert world.call("validate", "r1")["accepted"] == 1
    (item,) = world.json("_runs/r1/plan.json")["accepted"]
    etag = world.clients.s3.head_object(Bucket=world.raw, Key=f"incoming/{path}")["ETag"].strip('"')
    assert item.pop("object")
    assert item == {
        "dataset": "orders",
        "key": f"incoming/{path}",
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "etag": etag,
    }
    assert world.keys(world.quarantine) == []


def test_details_name_the_columns(world: World) -> None:
    world.deliver("incoming/orders/a.csv", renamed("discount", "rebate"))
    world.call("validate", "r1")
    (item,) = world.json("_runs/r1/plan.json")["rejected"]
    assert item["detail"] == "missing: discount; new: rebate"


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
    remove = lambda: world.clients.s3.delete_object(Bucket=world.raw, Key="incoming/orders/a.csv")  # noqa: E731
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
