"""Reads one line of a delivery by the rules of a dataset. Written apart from the pipeline, to check it.

What names the reason of a bad line, the first that applies:

1. `row_too_long`: more than MAX_ROW_BYTES bytes;
2. `malformed_row`: quotes that do not match up, or not as many fields as the dataset has columns;
3. the columns in the order of the dataset, and for each column, in this order: `missing_value` (required and empty),
   `not_a_<type>`, `pattern_mismatch`, `not_allowed`, `out_of_range`.

Blanks around a field belong to it. An empty field, quoted or not, is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

MAX_ROW_BYTES = 1_048_576

Definition = Mapping[str, Any]
Check = Callable[[str], str]

_FIELD = re.compile(r'"((?:[^"]|"")*+)"|([^",]*)')
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{3}))?Z")
_BITS = {"int": 31, "bigint": 63}
_NO_VALUE = "\\N"


class BadRow(Exception):
    """A line that belongs into quarantine; `reason` as the pipeline must give it."""

    def __init__(self, reason: str) -> None:
        """Takes the reason."""
        self.reason = reason
        super().__init__(reason)


def split_line(line: bytes, columns: int) -> list[str]:
    """The fields of a line, without its end. Raises BadRow."""
    if len(line) > MAX_ROW_BYTES:
        raise BadRow("row_too_long")
    text = line.decode("utf-8")
    fields = text.split(",") if '"' not in text else _split_quoted(text)
    if len(fields) != columns:
        raise BadRow("malformed_row")
    return fields


def _split_quoted(text: str) -> list[str]:
    """Quotes only around a whole field, doubled inside. The csv module is more lenient than that."""
    fields, place = [], 0
    while True:
        match = _FIELD.match(text, place)
        if match is None:
            raise BadRow("malformed_row")
        fields.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        if match.end() == len(text):
            return fields
        if text[match.end()] != ",":
            raise BadRow("malformed_row")
        place = match.end() + 1


def checks_of(definition: Definition) -> list[Check]:
    """One function per column: text of a field to canonical text, or to the mark for no value. They raise BadRow."""
    return [_check_of(column) for column in definition["columns"]]


def read_row(line: bytes, checks: Sequence[Check]) -> list[str]:
    """The canonical fields of a line. Raises BadRow with the first reason that applies."""
    fields = split_line(line, len(checks))
    return [check(field) for check, field in zip(checks, fields, strict=True)]


def _check_of(column: Mapping[str, Any]) -> Check:
    kind = column["type"].partition("(")[0]
    convert = _decimal_of(column["type"]) if kind == "decimal" else _CONVERT.get(kind, _integer_of(kind))
    required = column["required"]
    pattern = re.compile(column["pattern"]) if "pattern" in column else None
    allowed = frozenset(column["allowed"]) if "allowed" in column else None
    low, high = (Decimal(str(column[bound])) if bound in column else None for bound in ("minimum", "maximum"))

    def check(text: str) -> str:
        if text == "":
            if required:
                raise BadRow("missing_value")
            return _NO_VALUE
        canonical = convert(text)
        if canonical is None:
            raise BadRow(f"not_a_{kind}")
        if pattern and not pattern.fullmatch(text):
            raise BadRow("pattern_mismatch")
        if allowed is not None and text not in allowed:
            raise BadRow("not_allowed")
        if (low is not None and Decimal(canonical) < low) or (high is not None and Decimal(canonical) > high):
            raise BadRow("out_of_range")
        return canonical

    return check


def _string(text: str) -> str | None:
    return text


def _boolean(text: str) -> str | None:
    return text if text in ("true", "false") else None


def _date(text: str) -> str | None:
    return text if _DATE.fullmatch(text) and _day_exists(text) else None


def _timestamp(text: str) -> str | None:
    match = _TIMESTAMP.fullmatch(text)
    return f"{match[1]}T{match[2]}.{match[3] or '000'}Z" if match and _day_exists(match[1]) else None


@lru_cache(maxsize=4096)
def _day_exists(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _integer_of(kind: str) -> Callable[[str], str | None]:
    bits = _BITS.get(kind, 0)

    def integer(text: str) -> str | None:
        # Python refuses to read thousands of digits; such a number is out of any range here.
        if not _INTEGER.fullmatch(text) or len(text.lstrip("+-").lstrip("0")) > 20:
            return None
        value = int(text)
        return str(value) if -(2**bits) <= value < 2**bits else None

    return integer


def _decimal_of(kind: str) -> Callable[[str], str | None]:
    precision, scale = (int(number) for number in kind.removeprefix("decimal(").removesuffix(")").split(","))

    def decimal(text: str) -> str | None:
        match = _DECIMAL.fullmatch(text)
        if not match:
            return None
        whole, fraction = match[2].lstrip("0"), match[3] or ""
        if len(fraction) > scale or len(whole) > precision - scale:
            return None
        digits = f"{whole or '0'}.{fraction.ljust(scale, '0')}" if scale else whole or "0"
        return f"-{digits}" if match[1] == "-" and digits.strip("0.") else digits

    return decimal


_CONVERT: Mapping[str, Callable[[str], str | None]] = {
    "string": _string,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
