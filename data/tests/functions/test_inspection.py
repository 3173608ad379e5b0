"""The inspection of one file, as a pure function over its chunks."""

from __future__ import annotations

import hashlib
import tracemalloc
from itertools import repeat

from hypothesis import given
from hypothesis import strategies as st
from lake_world import HEADERS, orders_csv

from lakehouse.delivery import header_problem, inspect
from lakehouse.schema import load_dataset

ORDERS = load_dataset("orders")
CONTENT = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode("utf-8")),
    st.lists(st.sampled_from([orders_csv(1), b"\xff", b"\n", "€".encode(), b"\xe2\x82", b'"', b","])).map(b"".join),
)


@given(CONTENT, st.lists(st.integers(1, 40)))
def test_how_a_file_is_cut_into_chunks_does_not_matter(body: bytes, sizes: list[int]) -> None:
    chunks, rest = [], body
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    assert inspect([*chunks, rest], "a.csv", ORDERS) == inspect([body], "a.csv", ORDERS)


@given(CONTENT)
def test_the_line_is_that_of_the_first_byte_that_is_not_utf8(body: bytes) -> None:
    found = inspect([body[index : index + 1] for index in range(len(body))], "a.csv", ORDERS)
    assert (found.sha256, found.size) == (hashlib.sha256(body).hexdigest(), len(body))
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        assert found.problem is not None
        assert (found.problem.reason, found.problem.line) == ("not_utf8", body[: error.start].count(b"\n") + 1)
    else:
        assert found.problem is None or found.problem.reason != "not_utf8"


@given(st.permutations(HEADERS["orders"].split(",")))
def test_only_one_order_is_right(names: list[str]) -> None:
    expected = HEADERS["orders"].split(",")
    problem = header_problem(",".join(names), expected)
    assert problem is None if names == expected else problem is not None and problem.reason == "schema_drift_order"


@given(st.sets(st.sampled_from(HEADERS["orders"].split(",")), min_size=1))
def test_every_missing_column_is_named(kept: set[str]) -> None:
    expected = HEADERS["orders"].split(",")
    missing = [name for name in expected if name not in kept]
    problem = header_problem(",".join(name for name in expected if name in kept), expected)
    if not missing:
        assert problem is None
    else:
        assert problem is not None
        assert (problem.reason, problem.detail) == ("schema_drift_missing_column", f"missing: {', '.join(missing)}")


def test_half_a_gigabyte_is_read_in_the_memory_of_a_few_chunks() -> None:
    chunk = b"x" * (1 << 20)
    tracemalloc.start()
    try:
        found = inspect(repeat(chunk, 512), "a.csv", ORDERS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.size == 512 << 20
    assert peak < 4 << 20
