"""Dataset definitions: `datasets/<name>.json` as frozen values, checked strictly, every problem reported at once."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from lakehouse.errors import SchemaError
from lakehouse.schema_check import DECIMAL, check_definition

DATASET_NAMES = ("orders", "customers", "products", "houses", "daily_features")

# What a derived partition column holds, by transform. Both are dates: a month is named by its first day.
_DERIVED = {"date": "The UTC day of {}.", "month": "The first day of the UTC month of {}."}


@dataclass(frozen=True)
class ColumnType:
    """A column's type. `precision` and `scale` are 0 except for decimals."""

    kind: str
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        """The type as the catalog writes it, e.g. `decimal(10,2)`."""
        return f"decimal({self.precision},{self.scale})" if self.kind == "decimal" else self.kind

    @staticmethod
    def parse(text: str) -> ColumnType:
        """Reads `int`, `timestamp`, `decimal(10,2)`, …; the text was checked before."""
        match = re.fullmatch(DECIMAL, text)
        return ColumnType("decimal", int(match[1]), int(match[2])) if match else ColumnType(text)


@dataclass(frozen=True)
class Column:
    """One column. `minimum` and `maximum` are texts of whole or decimal numbers; `pattern` is anchored at both ends."""

    name: str
    type: ColumnType
    required: bool
    description: str
    minimum: str | None = None
    maximum: str | None = None
    allowed: tuple[str, ...] = ()
    pattern: str | None = None


@dataclass(frozen=True)
class Partition:
    """What the table is partitioned by.

    `date` and `month`: the UTC day of a timestamp, or the first one of its month, derived; `identity`: a column.
    """

    column: str
    source: str
    transform: str

    @property
    def derived(self) -> bool:
        """Whether the column is made from another one instead of delivered."""
        return self.transform in _DERIVED


@dataclass(frozen=True)
class Dataset:
    """A table: its delivered (or computed) columns, its key, the column that orders versions, its partitioning."""

    name: str
    description: str
    source: str
    key: tuple[str, ...]
    version: str | None
    partition: Partition
    columns: tuple[Column, ...]

    @property
    def table_columns(self) -> tuple[Column, ...]:
        """All columns of the table: as delivered, then the derived partition column if there is one."""
        if not self.partition.derived:
            return self.columns
        description = _DERIVED[self.partition.transform].format(self.partition.source)
        return (*self.columns, Column(self.partition.column, ColumnType("date"), True, description))

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """The columns inside the files: without the partition column, whose value is in the path."""
        return tuple(column for column in self.table_columns if column.name != self.partition.column)

    @property
    def partition_column(self) -> Column:
        """The partition column, delivered or derived."""
        return self.column(self.partition.column)

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError."""
        for column in self.table_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


def parse_dataset(definition: Mapping[str, Any], name: str = "?") -> Dataset:
    """Turns a parsed definition into a Dataset. Raises SchemaError naming every problem."""
    problems = check_definition(definition)
    if not problems and name not in ("?", definition["name"]):
        problems = [f"`name`: got {json.dumps(definition['name'])}, expected the name of the file, {json.dumps(name)}"]
    if problems:
        raise SchemaError(name, problems)
    partition = definition["partition"]
    return Dataset(
        name=definition["name"],
        description=definition["description"],
        source=definition["source"],
        key=tuple(definition["key"]),
        version=definition.get("version"),
        partition=Partition(partition["column"], partition["from"], partition["transform"]),
        columns=tuple(_column(column) for column in definition["columns"]),
    )


def parse_dataset_text(text: str, name: str = "?") -> Dataset:
    """Like parse_dataset, from the text of the file. Raises SchemaError for text that is not JSON, too."""
    try:
        definition = json.loads(text, object_pairs_hook=_no_duplicates)
    except ValueError as error:
        raise SchemaError(name, [f"not valid JSON: {error}"]) from error
    return parse_dataset(definition, name)


@functools.cache
def load_dataset(name: str) -> Dataset:
    """The dataset of that name, from the package (a folder, a Lambda layer or a zip). Raises SchemaError."""
    if name not in DATASET_NAMES:
        raise SchemaError(name, [f"unknown, expected one of {', '.join(DATASET_NAMES)}"])
    return parse_dataset_text(
        resources.files("lakehouse").joinpath("datasets", f"{name}.json").read_text("utf-8"), name
    )


def load_datasets() -> dict[str, Dataset]:
    """Every dataset by name: delivered ones first, derived ones after them."""
    return {name: load_dataset(name) for name in DATASET_NAMES}


def _column(definition: Mapping[str, Any]) -> Column:
    return Column(
        name=definition["name"],
        type=ColumnType.parse(definition["type"]),
        required=definition["required"],
        description=definition["description"],
        minimum=_number(definition, "minimum"),
        maximum=_number(definition, "maximum"),
        allowed=tuple(definition.get("allowed", ())),
        pattern=definition.get("pattern"),
    )


def _number(definition: Mapping[str, Any], field: str) -> str | None:
    return str(definition[field]) if field in definition else None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = sorted({key for key, _ in pairs if sum(other == key for other, _ in pairs) > 1})
        raise ValueError(f"given twice: {', '.join(twice)}")
    return found
