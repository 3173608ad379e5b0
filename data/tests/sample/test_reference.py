from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample.fields import MAX_ROW_BYTES, BadRow, checks_of, read_row, split_line
from sample.generator import CUSTOMERS_HEADER, HOUSES_HEADER, ORDERS_HEADER, PRODUCTS_HEADER, write_sample
from sample.reference import expect, load_definition

ORDER = [
    "O00000001",
    "C00000001",
    "P000001",
    "2",
    "10.00",
    "0.25",
    "delivered",
    "2025-03-04T10:00:00Z",
    "2025-03-05T10:00:00Z",
]


def order(**columns: str) -> str:
    names = ORDERS_HEADER.split(",")
    return ",".join(columns.get(name, value) for name, value in zip(names, ORDER, strict=True))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x" * (MAX_ROW_BYTES + 1), "row_too_long"),
        ("", "malformed_row"),
        (order() + ",more", "malformed_row"),
        ('"O1"x' + order()[9:], "malformed_row"),
        (order(status='"delivered'), "malformed_row"),
        (order(status='deli"vered'), "malformed_row"),
        (order(status='de"liv"ered'), "malformed_row"),
        (order(updated_at='"2025-03-05T10:00:00Z'), "malformed_row"),
        (order(order_id="", status=""), "missing_value"),
        (order(order_id='""'), "missing_value"),
        (order(order_id="X1", quantity="three"), "pattern_mismatch"),
        (order(order_id=" O00000001"), "pattern_mismatch"),
        (order(quantity="three", status="lost"), "not_a_int"),
        (order(quantity=" 3"), "not_a_int"),
        (order(quantity="3.0"), "not_a_int"),
        (order(quantity="2147483648"), "not_a_int"),
        (order(quantity="9" * 9000), "not_a_int"),
        (order(quantity="٣"), "not_a_int"),
        (order(quantity="0"), "out_of_range"),
        (order(quantity="-2147483648"), "out_of_range"),
        (order(unit_price="9.999"), "not_a_decimal"),
        (order(unit_price="100000000.00"), "not_a_decimal"),
        (order(unit_price=".5"), "not_a_decimal"),
        (order(unit_price="1e3"), "not_a_decimal"),
        (order(unit_price="-0.01"), "out_of_range"),
        (order(discount="1.0001"), "out_of_range"),
        (order(status="Delivered"), "not_allowed"),
        (order(ordered_at="2025-02-30T10:00:00Z"), "not_a_timestamp"),
        (order(ordered_at="2025-02-03T24:00:00Z"), "not_a_timestamp"),
        (order(ordered_at="2025-02-03T10:00:00"), "not_a_timestamp"),
        (order(ordered_at="2025-02-03T10:00:00.12Z"), "not_a_timestamp"),
        (order(ordered_at="2025-02-03 10:00:00Z"), "not_a_timestamp"),
    ],
)
def test_the_first_rule_that_a_line_breaks_names_the_reason(line: str, reason: str) -> None:
    checks = checks_of(load_definition("orders"))
    with pytest.raises(BadRow) as bad:
        read_row(line.encode(), checks)
    assert bad.value.reason == reason


@pytest.mark.parametrize(
    ("column", "text", "canonical"),
    [
        ("quantity", "+007", "7"),
        ("unit_price", "5", "5.00"),
        ("unit_price", "-0.0", "0.00"),
        ("unit_price", "00000000012.5", "12.50"),
        ("discount", "", "\\N"),
        ("discount", '"0.1"', "0.1000"),
        ("updated_at", "2024-02-29T23:59:59.007Z", "2024-02-29T23:59:59.007Z"),
        ("updated_at", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"),
    ],
)
def test_accepted_texts_have_one_canonical_form(column: str, text: str, canonical: str) -> None:
    checks = checks_of(load_definition("orders"))
    row = read_row(order(**{column: text}).encode(), checks)
    assert row[ORDERS_HEADER.split(",").index(column)] == canonical


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), min_size=2, max_size=5))
def test_quoted_fields_come_back_as_they_were(fields: list[str]) -> None:
    line = ",".join('"' + field.replace('"', '""') + '"' for field in fields)
    assert split_line(line.encode(), len(fields)) == fields


def test_rivals_for_a_key(tmp_path: Path) -> None:
    account = _account(
        tmp_path,
        [
            order(updated_at="2025-03-05T10:00:00Z"),
            order(updated_at="2025-03-05T10:00:00.001Z", quantity="3"),
            order(updated_at="2025-03-05T10:00:00.001Z", quantity="10"),
            order(order_id="O00000002"),
            order(order_id='"O00000002"'),
        ],
    )
    # "3" is greater than "10" as text, and the rows differ nowhere before.
    kept = [
        [
            *ORDER[:3],
            "3",
            "10.00",
            "0.2500",
            "delivered",
            "2025-03-04T10:00:00.000Z",
            "2025-03-05T10:00:00.001Z",
            "2025-03-04",
        ],
        [
            "O00000002",
            *ORDER[1:3],
            "2",
            "10.00",
            "0.2500",
            "delivered",
            "2025-03-04T10:00:00.000Z",
            "2025-03-05T10:00:00.000Z",
            "2025-03-04",
        ],
    ]
    assert account["orders"] == {
        "read": 5,
        "new": 2,
        "replaced": 0,
        "quarantined": {"duplicate_key": 3},
        "rows": 2,
        "partitions": 1,
        "columns": account["orders"]["columns"],
        "checksum": _checksum(kept),
    }
    assert account["orders"]["columns"][-1] == {"name": "order_date", "type": "date"}


def test_a_house_belongs_to_the_month_in_which_it_was_sold(tmp_path: Path) -> None:
    sales = [
        ("H00000001", "2024-05-31T23:59:59.999"),
        ("H00000002", "2024-06-01T00:00:00"),
        ("H00000003", "0001-12-09T00:00:00"),
    ]
    lines = [f"{key},80.5,3,1,12,200000,{moment}Z,2024-07-01T00:00:00Z" for key, moment in sales]
    account = _account(tmp_path, [order()], houses=[*lines, lines[0].replace("80.5", "9.99"), lines[1]])["houses"]
    kept = [
        [
            key,
            "80.50",
            "3",
            "1",
            "12",
            "200000.00",
            f"{moment[:19]}{moment[19:] or '.000'}Z",
            "2024-07-01T00:00:00.000Z",
            month,
        ]
        for (key, moment), month in zip(sales, ("2024-05-01", "2024-06-01", "0001-12-01"), strict=True)
    ]
    assert account["checksum"] == _checksum(kept)
    assert (account["read"], account["rows"], account["partitions"]) == (5, 3, 3)
    assert account["quarantined"] == {"duplicate_key": 1, "out_of_range": 1}
    assert account["columns"][-1] == {"name": "sold_month", "type": "date"}


def test_features_by_hand(tmp_path: Path) -> None:
    account = _account(
        tmp_path,
        [
            order(),
            # 3 x 0.99 less 1.5 % is 2.92545: rounded per order, half up.
            order(order_id="O00000002", quantity="3", unit_price="0.99", discount="0.015", status="returned"),
            order(order_id="O00000003", customer_id="C00000009", quantity="1", discount=""),
            order(order_id="O00000004", product_id="P000009", quantity="1", discount=""),
            order(order_id="O00000005", status="cancelled", ordered_at="2025-03-06T10:00:00Z"),
        ],
    )
    rows = [
        ["2025-03-04", "books", "3", "6", "32.97", "27.93", "1", "1", "0.333333"],
        ["2025-03-04", "unknown", "1", "1", "10.00", "10.00", "1", "0", "0.000000"],
    ]
    assert account["daily_features"]["checksum"] == _checksum(rows)
    assert (account["daily_features"]["rows"], account["daily_features"]["partitions"]) == (2, 1)


def test_a_file_with_crlf_and_no_end_of_the_last_line_counts_the_same(tmp_path: Path) -> None:
    lines = [order(), order(order_id="O00000002", status="lost")]
    plain = _account(tmp_path / "plain", lines)
    windows = _account(tmp_path / "windows", lines, end="\r\n")
    assert windows["orders"] == plain["orders"]
    assert plain["orders"]["quarantined"] == {"not_allowed": 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_line_is_either_kept_or_set_aside(seed: int, tmp_path: Path) -> None:
    write_sample(tmp_path, orders=1500, seed=seed)
    account = expect(tmp_path, orders=1500, seed=seed)
    assert account["datasets"]["orders"]["read"] == 1500
    for dataset in account["datasets"].values():
        assert dataset["read"] == dataset["rows"] + sum(dataset["quarantined"].values())
    assert (
        account["files"]["incoming/orders/orders.csv"]
        == hashlib.sha256((tmp_path / "orders.csv").read_bytes()).hexdigest()
    )
    assert json.loads(json.dumps(account)) == account


def _account(folder: Path, orders: list[str], end: str = "\n", houses: Sequence[str] = ()) -> dict[str, dict]:  # type: ignore[type-arg]
    folder.mkdir(exist_ok=True)
    customers = ["C00000001,a@example.com,DE,consumer,2024-01-01T00:00:00Z,2024-01-01T00:00:00Z"]
    products = ['P000001,"Atlas, large",books,10.00,true,2024-01-01T00:00:00Z']
    content = {
        "orders": [ORDERS_HEADER, *orders],
        "customers": [CUSTOMERS_HEADER, *customers],
        "products": [PRODUCTS_HEADER, *products],
        "houses": [HOUSES_HEADER, *houses],
    }
    for name, lines in content.items():
        (folder / f"{name}.csv").write_bytes(end.join(lines).encode())
    datasets: dict[str, dict] = expect(folder, orders=len(orders), seed=0)["datasets"]  # type: ignore[type-arg]
    return datasets


def _checksum(rows: list[list[str]]) -> str:
    digests = (hashlib.sha256("\x1f".join(row).encode()).digest()[:8] for row in rows)
    return f"{sum(int.from_bytes(digest, 'big') for digest in digests) % 2**64:016x}"
