"""The checksum of a table: the same in plain Python, in Spark SQL and in the program that verifies a deployment.

A row is written as text: its table columns in order, joined by the unit separator. The first eight bytes of the text's
SHA-256 are the row's hash, and the sum of the rows' hashes modulo 2^64 is the table's checksum. Being a sum, it does
not depend on the order of the rows, and a table's checksum is the sum of its partitions' checksums.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lakehouse.schema import ColumnType, Dataset

SEPARATOR = "\x1f"
NULL = "\\N"
_MODULUS = 1 << 64


def canonical_value(kind: ColumnType, value: Any) -> str:
    """A value as text. Timestamps without a zone are taken as UTC. Raises TypeError for a value of another type."""
    if value is None:
        return NULL
    if kind.kind == "boolean" and isinstance(value, bool):
        return "true" if value else "false"
    if kind.kind in ("int", "bigint") and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if kind.kind == "decimal" and isinstance(value, Decimal):
        return f"{value:.{kind.scale}f}"
    if kind.kind == "timestamp" and isinstance(value, datetime):
        return _timestamp(value)
    if kind.kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if kind.kind == "string" and isinstance(value, str):
        return value
    raise TypeError(f"a {kind} cannot hold {value!r}")


def canonical_row(dataset: Dataset, row: Mapping[str, Any]) -> str:
    """A row (value by column name, the partition column included) as text."""
    return SEPARATOR.join(canonical_value(column.type, row[column.name]) for column in dataset.table_columns)


def row_hash(text: str) -> int:
    """The hash of a row's text, 0 <= hash < 2^64."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big")


def to_hex(total: int) -> str:
    """A sum of row hashes (any sign and size) as the 16 hex digits that reports show."""
    return f"{total % _MODULUS:016x}"


def add_checksums(checksums: Iterable[str]) -> str:
    """The checksum of a table from those of its partitions."""
    return to_hex(sum(int(checksum, 16) for checksum in checksums))


def table_checksum(dataset: Dataset, rows: Iterable[Mapping[str, Any]]) -> str:
    """The checksum of a whole table, row by row in Python."""
    return to_hex(sum(row_hash(canonical_row(dataset, row)) for row in rows))


def canonical_sql(dataset: Dataset) -> str:
    """canonical_row as a Spark SQL expression over the table's columns. The session's time zone must be UTC."""
    parts = ", ".join(_value_sql(column.name, column.type) for column in dataset.table_columns)
    return rf"concat_ws('\u001F', {parts})"


def row_hash_sql(text: str) -> str:
    """row_hash as a Spark SQL expression (signed 64 bits) over one that gives a row's text.

    Without ANSI mode `sum` wraps around, so its result, read modulo 2^64, is the checksum.
    """
    return f"cast(conv(substr(sha2({text}, 256), 1, 16), 16, -10) as bigint)"


def _timestamp(value: datetime) -> str:
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z".rjust(24, "0")


def _value_sql(name: str, kind: ColumnType) -> str:
    column = f"`{name}`"
    if kind.kind == "timestamp":
        text = f"""date_format({column}, "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")"""
    elif kind.kind == "decimal" and kind.scale > 6:
        # A plain cast writes small numbers of more than six digits as 0E-7.
        text = f"format_string('%.{kind.scale}f', {column})"
    else:
        text = f"cast({column} as string)"
    return rf"coalesce({text}, '\\N')"
