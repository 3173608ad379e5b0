"""Counts rows for a ruleset: what is asked for is noted first, each thing once, and then counted in few passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Groups = tuple[tuple[str, ...], str | None]


@dataclass(frozen=True)
class Uniqueness:
    """Of the rows with a value in at least one of the columns (`rows`): those whose values no other row has.

    `single` counts all of these, `complete` those that have a value in every column.
    """

    rows: int
    single: int
    complete: int


@dataclass(frozen=True)
class Counts:
    """Everything that was asked for."""

    rows: dict[str, int]
    unique: dict[Groups, Uniqueness]


class RowCounter:
    """Counts over one table. Names of conditions are texts: the same name stands for the same condition."""

    def __init__(self, table: DataFrame) -> None:
        """Nothing is read before `run`."""
        self._table = table
        self._joined = table
        self._conditions: dict[str, Expression] = {}
        self._unique: list[Groups] = []

    def rows(self, name: str, condition: Expression, where: str | None) -> str:
        """Asks for the number of rows that meet the condition and the filter; returns the name of that count."""
        if where is not None:
            name, condition = f"{name} where {where}", condition & F.expr(where)
        self._conditions.setdefault(name, condition)
        return name

    def unique(self, columns: tuple[str, ...], where: str | None) -> Groups:
        """Asks for the uniqueness of the columns together; returns the name of that answer."""
        if (columns, where) not in self._unique:
            self._unique.append((columns, where))
        return columns, where

    def found_in(self, name: str, columns: Sequence[str], reference: DataFrame, keys: Sequence[str]) -> str:
        """Asks for the number of rows whose values in `columns` are those of `keys` in a row of the reference."""
        if name in self._conditions:
            return name
        prefix = f"_reference{len(self._conditions)}"
        known = reference.select(*(F.col(quoted(key)).alias(f"{prefix}_{i}") for i, key in enumerate(keys))).distinct()
        same = [F.col(quoted(column)) == F.col(f"{prefix}_{i}") for i, column in enumerate(columns)]
        # Every row meets at most one: the join does not change how many rows there are.
        self._joined = self._joined.join(known.withColumn(prefix, F.lit(True)), same, "left")
        self._conditions[name] = F.col(prefix).isNotNull()
        return name

    def run(self) -> Counts:
        """Counts: one pass for all conditions, one for each set of columns that must be unique."""
        rows: dict[str, int] = {}
        if self._conditions:
            found = self._joined.agg(*(F.count_if(condition) for condition in self._conditions.values())).first()
            rows = dict(zip(self._conditions, found or (), strict=True))
        return Counts(rows, {groups: self._count_unique(*groups) for groups in self._unique})

    def _count_unique(self, columns: tuple[str, ...], where: str | None) -> Uniqueness:
        values = [F.col(quoted(column)) for column in columns]
        some = reduce(lambda left, right: left | right, (value.isNotNull() for value in values))
        every = reduce(lambda left, right: left & right, (value.isNotNull() for value in values))
        rows = self._table if where is None else self._table.where(where)
        groups = rows.where(some).groupBy(*values).agg(F.count("*").alias("_rows"))
        single = F.col("_rows") == 1
        found = groups.agg(F.sum("_rows"), F.count_if(single), F.count_if(single & every)).first()
        return Uniqueness(*(count or 0 for count in found or (0, 0, 0)))


def quoted(column: str) -> str:
    """A column's name as Spark takes it whatever is in it."""
    return "`" + column.replace("`", "``") + "`"
