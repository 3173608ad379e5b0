from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.checksum import add_checksums, canonical_value, row_hash, table_checksum, to_hex
from lakehouse.schema import ColumnType, load_dataset


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", None, r"\N"),
        ("string", "a,b", "a,b"),
        ("int", -7, "-7"),
        ("bigint", 1 << 40, "1099511627776"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("decimal(10,2)", Decimal("12.3"), "12.30"),
        ("decimal(18,7)", Decimal("1E-7"), "0.0000001"),
        ("decimal(10,0)", Decimal("1E+3"), "1000"),
        ("date", date(33, 4, 5), "0033-04-05"),
        ("timestamp", datetime(33, 4, 5, 6, 7, 8, 9999), "0033-04-05T06:07:08.009Z"),
        ("timestamp", datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2025-12-31T23:00:00.000Z"),
        ("timestamp", datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
    ],
)
def test_values_as_text(kind: str, value: object, text: str) -> None:
    assert canonical_value(ColumnType.parse(kind), value) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [("int", True), ("int", "1"), ("decimal(5,2)", 1.5), ("date", datetime(2026, 1, 1)), ("string", 1), ("boolean", 1)],
)
def test_a_value_of_another_type_is_refused(kind: str, value: object) -> None:
    with pytest.raises(TypeError):
        canonical_value(ColumnType.parse(kind), value)


def test_known_hashes() -> None:
    assert to_hex(row_hash("")) == "e3b0c44298fc1c14"
    assert to_hex(-1) == "f" * 16
    assert table_checksum(load_dataset("products"), []) == "0" * 16


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(0, 20))
def test_a_table_is_the_sum_of_its_partitions(hashes: list[int], cut: int) -> None:
    parts = [to_hex(sum(hashes[:cut])), to_hex(sum(hashes[cut:]))]
    assert add_checksums(parts) == to_hex(sum(reversed(hashes)))
