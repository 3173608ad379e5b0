"""One delivered file, read once as a stream: what it is, and whether the job may read its rows."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from lakehouse.schema import Dataset

#: More than any header needs; a file without line ends must not fill the memory.
HEADER_LIMIT = 65_536
_BOM = "\ufeff"


@dataclass(frozen=True)
class Problem:
    """Why a whole file is refused. `line` counts from 1; None where no line is to blame."""

    reason: str
    detail: str
    line: int | None = None


@dataclass(frozen=True)
class Inspection:
    """A file's content by digest, its size in bytes, and what is wrong with it, if anything."""

    sha256: str
    size: int
    problem: Problem | None


class _Utf8:
    """Checks chunks of UTF-8 and knows the line of the first byte that is none."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._lines = 0
        self.bad_line: int | None = None

    def feed(self, chunk: bytes, final: bool = False) -> None:
        if self.bad_line is not None:
            return
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.bad_line = self._lines + error.object[: error.start].count(b"\n") + 1
        self._lines += chunk.count(b"\n")


class _Header:
    """Keeps the first line, up to a limit."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0
        self._complete = False

    def feed(self, chunk: bytes) -> None:
        if self._complete:
            return
        end = chunk.find(b"\n")
        part = chunk if end < 0 else chunk[:end]
        self._parts.append(part[: HEADER_LIMIT + 1 - self._length])
        self._length += len(self._parts[-1])
        self._complete = end >= 0 or self._length > HEADER_LIMIT

    @property
    def line(self) -> bytes | None:
        """The line without its end; None when it is longer than the limit."""
        return None if self._length > HEADER_LIMIT else b"".join(self._parts)


def inspect(chunks: Iterable[bytes], file_name: str, dataset: Dataset | None) -> Inspection:
    """Reads a file to its end, in memory of one chunk. `dataset` is None where nobody knows the one it names.

    Only what concerns the whole file is looked at; rows, malformed ones included, are the job's.
    """
    digest, size = hashlib.sha256(), 0
    text, header = _Utf8(), _Header()
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        text.feed(chunk)
        header.feed(chunk)
    text.feed(b"", final=True)
    return Inspection(digest.hexdigest(), size, _problem(file_name, dataset, size, text, header))


def _problem(file_name: str, dataset: Dataset | None, size: int, text: _Utf8, header: _Header) -> Problem | None:
    if dataset is None:
        return Problem("unknown_dataset", "no dataset takes deliveries in this folder")
    if not file_name.lower().endswith(".csv"):
        return Problem("not_csv", "the name does not end in .csv")
    if file_name.startswith(("_", ".")):
        return Problem("not_csv", f"the name begins with {file_name[0]}: Spark takes such a file for hidden")
    if size == 0:
        return Problem("empty_object", "0 bytes, not even a header")
    if text.bad_line is not None:
        return Problem("not_utf8", "a byte that is not UTF-8", text.bad_line)
    if header.line is None:
        return Problem("missing_header", f"the first line is longer than {HEADER_LIMIT} bytes", 1)
    return header_problem(header.line.decode("utf-8"), [column.name for column in dataset.columns])


def header_problem(line: str, expected: list[str]) -> Problem | None:
    """What is wrong with a header line. Columns that it names are told, unless it is no header at all."""
    if "\0" in line:
        return Problem("not_csv", "a NUL byte in the first line", 1)
    try:
        names = next(csv.reader([line.removeprefix(_BOM).removesuffix("\r")], strict=True), [])
    except csv.Error:
        names = []
    if names == expected:
        return None
    if not set(names) & set(expected):
        return Problem("missing_header", f"none of the columns {', '.join(expected)} is named", 1)
    missing = [name for name in expected if name not in names]
    new = [name for index, name in enumerate(names) if name not in expected or name in names[:index]]
    if missing:
        return Problem("schema_drift_missing_column", _changes(missing, new), 1)
    if new:
        return Problem("schema_drift_new_column", _changes(missing, new), 1)
    return Problem("schema_drift_order", f"columns in the order {', '.join(names)}", 1)


def _changes(missing: list[str], new: list[str]) -> str:
    parts = [("missing", missing), ("new", new)]
    return "; ".join(f"{word}: {', '.join(names)[:500]}" for word, names in parts if names)
