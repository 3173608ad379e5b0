"""Files that are not what they should be, by the validate function against real buckets."""

from __future__ import annotations

import hashlib

import pytest
from lake_world import HEADERS, World, orders_csv

from lakehouse.delivery import HEADER_LIMIT

ORDERS = HEADERS["orders"]


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
    "a file that Spark does not see": ("orders/_a.csv", orders_csv(1), "not_csv", None),
    "a hidden file": ("orders/.a.csv", orders_csv(1), "not_csv", None),
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
    "a folder that begins with an underscore": ("orders/_late/a.csv", orders_csv(1)),
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


def test_the_detail_says_why_a_name_is_refused(world: World) -> None:
    world.deliver("incoming/orders/_a.csv", orders_csv(1))
    world.call("validate", "r1")
    (item,) = world.json("_runs/r1/plan.json")["rejected"]
    assert item["detail"] == "the name begins with _: Spark takes such a file for hidden"


def test_details_name_the_columns(world: World) -> None:
    world.deliver("incoming/orders/a.csv", renamed("discount", "rebate"))
    world.call("validate", "r1")
    (item,) = world.json("_runs/r1/plan.json")["rejected"]
    assert item["detail"] == "missing: discount; new: rebate"
