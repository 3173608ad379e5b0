"""Bytes of the files that the steps hand on: the same content always gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from housing.errors import UsageError
from housing.reading import Source, read_houses
from housing.schema import COLUMNS, Houses
from modelkit.hashing import sha256_hex


def csv_bytes(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def houses_bytes(houses: Houses) -> bytes:
    """A split as CSV."""
    rows = zip(houses.ids, houses.numbers.tolist(), strict=True)
    return csv_bytes(COLUMNS, ([house, *map(number_text, numbers)] for house, numbers in rows))


def read_split(folder: Path, name: str) -> tuple[Houses, str]:
    """A split from its folder, and the digest of its file. Raises UsageError where it is not there."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise UsageError(f"{path}: no such file; it is what preprocess wrote as the {name} split")
    return read_houses([Source(path, path.name)]), sha256_hex(path.read_bytes())


def write(path: Path, content: bytes) -> None:
    """Writes a file and the folders it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
