"""What a ruleset is made of, and which rules there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from lakehouse.dqdl_tokens import DqdlError

KEYWORDS = ("NULL", "EMPTY", "WHITESPACES_ONLY")


@dataclass(frozen=True)
class Keyword:
    """NULL, EMPTY or WHITESPACES_ONLY in a condition on values."""

    name: str


@dataclass(frozen=True)
class Now:
    """The moment of the evaluation, and how far from it."""

    offset: timedelta = timedelta()


Operand = Decimal | str | Keyword | Now


@dataclass(frozen=True)
class Condition:
    """`operator` is one of = != < <= > >= between in matches; `negated` stands for `not between` and `not in`."""

    operator: str
    operands: tuple[Operand, ...]
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule. `text` is the rule on one line; `line` and `column` tell where it starts."""

    type: str
    parameters: tuple[str, ...]
    condition: Condition | None
    threshold: Condition | None
    where: str | None
    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Ruleset:
    """The rules of one dataset in the order of the document."""

    name: str
    rules: tuple[Rule, ...]

    def error(self, rule: Rule, problem: str) -> DqdlError:
        """An error that names the rule's place."""
        return DqdlError(self.name, rule.line, rule.column, problem)


@dataclass(frozen=True)
class Shape:
    """What a rule type takes: number of parameters, kind of condition (none, number, value), where, threshold."""

    least: int
    most: int
    condition: str
    where: bool = True
    threshold: bool = False


MANY = 99
SHAPES = {
    "RowCount": Shape(0, 0, "number"),
    "ColumnCount": Shape(0, 0, "number", where=False),
    "ColumnExists": Shape(1, 1, "none", where=False),
    "IsComplete": Shape(1, 1, "none"),
    "Completeness": Shape(1, 1, "number"),
    "IsUnique": Shape(1, MANY, "none"),
    "Uniqueness": Shape(1, MANY, "number"),
    "IsPrimaryKey": Shape(1, MANY, "none"),
    "ColumnValues": Shape(1, 1, "value", threshold=True),
    "ReferentialIntegrity": Shape(2, 2, "number", where=False),
}
# Rule types of DQDL that are not in the subset, to refuse them by name.
OUTSIDE = frozenset(
    [
        "AggregateMatch",
        "AllStatistics",
        "ColumnCorrelation",
        "ColumnDataType",
        "ColumnLength",
        "ColumnNamesMatchPattern",
        "CustomSql",
        "DataFreshness",
        "DatasetMatch",
        "DetectAnomalies",
        "DetectAnomaly",
        "DistinctValuesCount",
        "Entropy",
        "FileFreshness",
        "FileMatch",
        "FileSize",
        "FileUniqueness",
        "Mean",
        "RowCountMatch",
        "SchemaMatch",
        "StandardDeviation",
        "Sum",
        "UniqueValueRatio",
    ]
)
SECTIONS_OUTSIDE = ("Metadata", "DataSources", "Analyzers", "Monitors")

_REFERENCE = re.compile(r"([^.{}]+)\.(?:([^.{},]+)|\{([^{}]+)\})")


def split_reference(rule: Rule) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Columns, referenced dataset and its columns of a ReferentialIntegrity. Raises ValueError if they do not fit."""
    columns, target = _names(rule.parameters[0]), rule.parameters[1]
    match = _REFERENCE.fullmatch(target)
    keys = _names(match[2] or match[3]) if match else ()
    if match is None or len(keys) != len(columns) or "" in (*columns, *keys):
        raise ValueError(f'got "{target}" for "{rule.parameters[0]}", expected dataset.column or "dataset.{{a,b}}"')
    return columns, match[1], keys


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))
