"""What a house is: the columns that are learned from, what they may hold, and the table of many of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KEY = "house_id"


@dataclass(frozen=True)
class Column:
    """A number and its limits, both of which are allowed. They are those of the dataset `houses`."""

    name: str
    unit: str
    minimum: float
    maximum: float
    whole: bool = False

    def problem(self, value: object) -> str | None:
        """What is wrong with a value, if anything."""
        number = to_number(value)
        if number is None:
            return f"{self.name}: " + ("no value" if value in (None, "") else f"got {value!r}, expected a number")
        if self.whole and not number.is_integer():
            return f"{self.name}: got {value}, expected a whole number"
        if not self.minimum <= number <= self.maximum:
            return f"{self.name}: got {value}, expected {self.minimum:.15g} to {self.maximum:.15g}"
        return None


FEATURES = (
    Column("area", "m²", 10, 2000),
    Column("bedrooms", "", 0, 30, whole=True),
    Column("bathrooms", "", 0, 30, whole=True),
    Column("age", "years", 0, 500, whole=True),
)
TARGET = Column("price", "currency of the data", 1000, 100_000_000)
NUMBERS = (*FEATURES, TARGET)
COLUMNS = (KEY, *(column.name for column in NUMBERS))
FEATURE_NAMES = tuple(column.name for column in FEATURES)

# What Python takes for a number besides: 1_000, Infinity, NaN, spaces around it.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def to_number(value: object) -> float | None:
    """A finite number, given as one or as text; None where it is not."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else None
    if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


@dataclass(frozen=True)
class Houses:
    """Many houses, column by column. `numbers` has a row per house and the columns NUMBERS."""

    ids: tuple[str, ...]
    numbers: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def features(self) -> Floats:
        """A row per house, a column per feature."""
        return self.numbers[:, :-1]

    @property
    def prices(self) -> Floats:
        """What each house was sold for."""
        return self.numbers[:, -1]

    def take(self, rows: Sequence[int]) -> Houses:
        """The houses at some positions, in that order."""
        return Houses(tuple(self.ids[row] for row in rows), self.numbers[list(rows)])


def row_problems(row: Mapping[str, object]) -> list[str]:
    """Everything that is wrong with the values of a house."""
    missing = [] if row[KEY] not in (None, "") else [f"{KEY}: no value"]
    return missing + [found for column in NUMBERS if (found := column.problem(row[column.name])) is not None]
