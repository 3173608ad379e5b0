"""Reads houses from CSV and Parquet files and refuses, by file and row, what is not one."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from housing.errors import DataError, UsageError, listed
from housing.schema import COLUMNS, KEY, NUMBERS, Houses, row_problems, to_number

Row = tuple[int, Mapping[str, object]]


@dataclass(frozen=True)
class Source:
    """A file, and what its rows are called: a CSV file counts its header, a Parquet file has none."""

    path: Path
    name: str

    @property
    def place(self) -> str:
        """What a row's number counts."""
        return "line" if self.path.suffix == ".csv" else "row"


def find_sources(folder: Path) -> list[Source]:
    """The data files below a folder, by their names. Raises UsageError where there is none."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    paths = [path for path in folder.rglob("*") if path.suffix in (".csv", ".parquet") and path.is_file()]
    sources = [Source(path, path.relative_to(folder).as_posix()) for path in paths]
    # Names that begin like this are bookkeeping of whoever wrote the folder.
    found = sorted((one for one in sources if not one.path.name.startswith(("_", "."))), key=lambda one: one.name)
    if not found:
        raise UsageError(f"{folder}: no .parquet or .csv file in it")
    return found


def read_houses(sources: Sequence[Source]) -> Houses:
    """All houses of some files. Raises DataError with every file's first problems."""
    ids: list[str] = []
    numbers: list[list[float]] = []
    problems: list[str] = []
    for source in sources:
        for number, row in _rows(source):
            wrong = row_problems(row)
            if wrong:
                problems += [f"{source.name} {source.place} {number}: {one}" for one in wrong]
                continue
            ids.append(str(row[KEY]))
            numbers.append([to_number(row[column.name]) or 0.0 for column in NUMBERS])
    if problems:
        raise DataError(f"the data is not what a model may learn from:\n{listed(problems)}")
    if not ids:
        raise DataError(f"no row in {', '.join(source.name for source in sources)}")
    return Houses(tuple(ids), np.array(numbers, dtype=np.float64))


def _rows(source: Source) -> Iterator[Row]:
    return _csv_rows(source) if source.path.suffix == ".csv" else _parquet_rows(source)


def _csv_rows(source: Source) -> Iterator[Row]:
    try:
        with source.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            _check_columns(source, header)
            for values in reader:
                if len(values) != len(header):
                    where = f"{source.name} line {reader.line_num}"
                    raise DataError(f"{where}: got {len(values)} fields, expected the {len(header)} of its header")
                yield reader.line_num, dict(zip(header, values, strict=True))
    except UnicodeDecodeError as error:
        raise DataError(f"{source.name}: not UTF-8 at byte {error.start}") from error
    except csv.Error as error:
        raise DataError(f"{source.name} line {reader.line_num}: {error}") from error


def _parquet_rows(source: Source) -> Iterator[Row]:
    try:
        with pq.ParquetFile(source.path) as file:
            schema = file.schema_arrow
            _check_columns(source, schema.names)
            _check_types(source, schema)
            number = 0
            for batch in file.iter_batches(columns=list(COLUMNS)):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{source.name}: not a Parquet file that can be read: {error}") from error


def _check_columns(source: Source, names: Sequence[str]) -> None:
    """Other columns than the model's are nobody's business here; missing ones and those that are there twice are."""
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise DataError(f"{source.name}: got columns {', '.join(names) or 'none'}; {', '.join(missing)} is missing")
    twice = [name for name in COLUMNS if list(names).count(name) > 1]
    if twice:
        raise DataError(f"{source.name}: column {', '.join(twice)} is there twice")


def _check_types(source: Source, schema: pa.Schema) -> None:
    types = pa.types
    for column in NUMBERS:
        found = schema.field(column.name).type
        if not (types.is_integer(found) or types.is_floating(found) or types.is_decimal(found)):
            raise DataError(f"{source.name}: column {column.name}: got {found}, expected a number")
