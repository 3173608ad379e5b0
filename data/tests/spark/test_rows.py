from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from spark_lake import customer, order, product

from lakehouse.checksum import canonical_row, canonical_sql, row_hash, row_hash_sql
from lakehouse.rows import MAX_ROW_BYTES, parse_rows, split_fields
from lakehouse.schema import load_dataset

LIMIT = MAX_ROW_BYTES


def lines(spark: SparkSession, texts: Sequence[str]) -> DataFrame:
    rows = [(text, 0, number) for number, text in enumerate(texts, 2)]
    return spark.createDataFrame(rows, "value string, _file int, _line bigint")


def problems(spark: SparkSession, dataset: str, texts: Sequence[str]) -> list[tuple[str | None, str | None]]:
    parsed = parse_rows(lines(spark, texts), load_dataset(dataset)).select("_line", "_reason", "_detail").collect()
    return [(row._reason, row._detail) for row in sorted(parsed, key=lambda row: row._line)]


GOOD = (None, None)
ORDERS = {
    order(1): GOOD,
    order(1, discount="0.1234", quantity="+7", unit_price="007.5"): GOOD,
    order(1, version="2026-01-01T12:00:00.123Z"): GOOD,
    order(1, ordered_at="0001-01-01T00:00:00Z"): GOOD,
    order(1) + "\r": GOOD,
    order(1).replace("C00000001", '"C00000001"'): GOOD,
    "": ("malformed_row", "fields: got 1, expected 9"),
    order(1) + ",more": ("malformed_row", "fields: got 10, expected 9"),
    order(1).rpartition(",")[0]: ("malformed_row", "fields: got 8, expected 9"),
    order(1) + "\r\r": ("not_a_timestamp", "updated_at"),
    order(1, status='"placed'): ("malformed_row", "quotes"),
    order(1, status='pla"ced'): ("malformed_row", "quotes"),
    order(1, status='"placed"x'): ("malformed_row", "quotes"),
    order(1, status='pla"ced",more'): ("malformed_row", "quotes"),
    order(1, order_id=""): ("missing_value", "order_id"),
    order(1, order_id='""'): ("missing_value", "order_id"),
    order(1, order_id="X00000001"): ("pattern_mismatch", "order_id"),
    order(1, order_id="O00000001\u2028"): ("pattern_mismatch", "order_id"),
    order(1, order_id="O0000000\u0661"): ("pattern_mismatch", "order_id"),
    order(1, customer_id=""): ("missing_value", "customer_id"),
    order(1, quantity=""): ("missing_value", "quantity"),
    order(1, quantity="two"): ("not_a_int", "quantity"),
    order(1, quantity=" 2"): ("not_a_int", "quantity"),
    order(1, quantity="2.0"): ("not_a_int", "quantity"),
    order(1, quantity="2147483648"): ("not_a_int", "quantity"),
    order(1, quantity="0"): ("out_of_range", "quantity"),
    order(1, quantity="-3"): ("out_of_range", "quantity"),
    order(1, quantity="1001"): ("out_of_range", "quantity"),
    order(1, unit_price="1.234"): ("not_a_decimal", "unit_price"),
    order(1, unit_price="1."): ("not_a_decimal", "unit_price"),
    order(1, unit_price=".5"): ("not_a_decimal", "unit_price"),
    order(1, unit_price="1e3"): ("not_a_decimal", "unit_price"),
    order(1, unit_price="NaN"): ("not_a_decimal", "unit_price"),
    order(1, unit_price="123456789.00"): ("not_a_decimal", "unit_price"),
    order(1, unit_price="-0.01"): ("out_of_range", "unit_price"),
    order(1, discount="1.0001"): ("out_of_range", "discount"),
    order(1, status="lost"): ("not_allowed", "status"),
    order(1, status="Placed"): ("not_allowed", "status"),
    order(1, ordered_at="2026-02-30T00:00:00Z"): ("not_a_timestamp", "ordered_at"),
    order(1, ordered_at="2026-01-01 00:00:00Z"): ("not_a_timestamp", "ordered_at"),
    order(1, ordered_at="2026-01-01T00:00:00"): ("not_a_timestamp", "ordered_at"),
    order(1, ordered_at="2026-01-01T00:00:00+01:00"): ("not_a_timestamp", "ordered_at"),
    order(1, ordered_at="2026-01-01T00:00:00.1Z"): ("not_a_timestamp", "ordered_at"),
    order(1, ordered_at="2026-01-01T24:00:00Z"): ("not_a_timestamp", "ordered_at"),
    order(1, ordered_at="0000-01-01T00:00:00Z"): ("not_a_timestamp", "ordered_at"),
    # Of several problems the first column's counts.
    order(1, quantity="", status="lost", customer_id="x"): ("pattern_mismatch", "customer_id"),
    '"' * (LIMIT + 1): ("row_too_long", f"{LIMIT + 1} bytes"),
    "é" * (LIMIT // 2) + "x": ("row_too_long", f"{LIMIT + 1} bytes"),
    "x" * LIMIT: ("malformed_row", "fields: got 1, expected 9"),
    '""' * (LIMIT // 2): ("malformed_row", "fields: got 1, expected 9"),
    "," * LIMIT: ("malformed_row", f"fields: got {LIMIT + 1}, expected 9"),
}


def test_every_order_is_good_or_has_its_first_problem(spark: SparkSession) -> None:
    found = problems(spark, "orders", list(ORDERS))
    assert [(text[:80], *problem) for text, problem in zip(ORDERS, found, strict=True)] == [
        (text[:80], *problem) for text, problem in ORDERS.items()
    ]


def test_the_kinds_of_columns_that_orders_does_not_have(spark: SparkSession) -> None:
    bad_flag = product(1).replace("true", "TRUE")
    assert problems(spark, "products", [product(1), product(1).replace("true", "false"), bad_flag]) == [
        GOOD,
        GOOD,
        ("not_a_boolean", "active"),
    ]
    assert problems(spark, "customers", [customer(1), customer(1, country="Germany")]) == [
        GOOD,
        ("pattern_mismatch", "country"),
    ]


def test_a_long_row_is_kept_short(spark: SparkSession) -> None:
    rows = parse_rows(lines(spark, ["é" * LIMIT, "short"]), load_dataset("orders")).orderBy("_line").collect()
    assert [row._raw for row in rows] == ["é" * 1024, "short"]


def test_values_are_typed(spark: SparkSession) -> None:
    text = order(5, quantity="+07", unit_price="1.5", discount="", ordered_at="2026-01-02T23:59:59.999Z")
    row = parse_rows(lines(spark, [text]), load_dataset("orders")).collect()[0]
    assert (row.quantity, str(row.unit_price), row.discount, str(row.order_date)) == (7, "1.50", None, "2026-01-02")
    assert row._text.replace("\x1f", "|") == (
        r"O00000005|C00000001|P000001|7|1.50|\N|placed|2026-01-02T23:59:59.999Z|2026-01-01T12:00:00.000Z|2026-01-02"
    )


def test_a_month_is_named_by_its_first_day(spark: SparkSession) -> None:
    dataset = load_dataset("houses")
    moments = {
        "2024-02-29T23:59:59.999Z": "2024-02-01",
        "2024-03-01T00:00:00.000Z": "2024-03-01",
        "0001-12-31T00:00:00Z": "0001-12-01",
    }
    texts = [f"H00000001,80.50,3,1,12,200000.00,{moment},2024-07-01T00:00:00Z" for moment in moments]
    parsed = parse_rows(lines(spark, texts), dataset).selectExpr("*", f"{canonical_sql(dataset)} AS sql")
    rows = sorted(parsed.collect(), key=lambda row: row._line)
    assert [str(row.sold_month) for row in rows] == list(moments.values())
    for row in rows:
        assert row._text == row.sql == canonical_row(dataset, row.asDict())


def rfc4180(line: str) -> list[str] | None:
    """The fields of a line, character by character; None when quotes are misplaced."""
    fields, index = [], 0
    while True:
        field = ""
        if line[index : index + 1] == '"':
            index += 1
            while True:
                close = line.find('"', index)
                if close < 0:
                    return None
                field += line[index:close]
                index = close + 1
                if line[index : index + 1] != '"':
                    break
                field += '"'
                index += 1
        else:
            while index < len(line) and line[index] != ",":
                if line[index] == '"':
                    return None
                field += line[index]
                index += 1
        fields.append(field)
        if index == len(line):
            return fields
        if line[index] != ",":
            return None
        index += 1


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text('",\r\\ab\x1fé', max_size=12), min_size=20, max_size=300))
def test_fields_are_those_of_rfc_4180(spark: SparkSession, texts: list[str]) -> None:
    frame = lines(spark, texts)
    found = frame.select("_line", split_fields(frame.value).alias("fields")).orderBy("_line").collect()
    assert [row.fields for row in found] == [rfc4180(text) for text in texts]


ORDER = st.builds(
    order,
    st.integers(0, 99_999_999),
    quantity=st.integers(1, 1000).map(str),
    unit_price=st.decimals(0, 99_999_999, places=2).map(str),
    discount=st.just("") | st.decimals(0, 1, places=4).map(str),
    status=st.sampled_from(["placed", "returned"]),
    ordered_at=st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='seconds')}Z"),
    updated_at=st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z"),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ORDER, min_size=1, max_size=60))
def test_a_row_is_the_same_text_in_python_in_sql_and_from_its_line(spark: SparkSession, texts: list[str]) -> None:
    dataset = load_dataset("orders")
    parsed = parse_rows(lines(spark, texts), dataset).selectExpr(
        "*", f"{canonical_sql(dataset)} AS sql", f"{row_hash_sql('_text')} AS hash"
    )
    for row in parsed.collect():
        assert row._reason is None
        text = canonical_row(dataset, row.asDict())
        assert (row._text, row.sql, row.hash % 2**64) == (text, text, row_hash(text))


@pytest.mark.parametrize(("line", "fields"), [('a,"b ""c"", d",', ["a", 'b "c", d', ""]), ('"a"b', None), ("", [""])])
def test_the_yardstick_itself(line: str, fields: list[str] | None) -> None:
    assert rfc4180(line) == fields
