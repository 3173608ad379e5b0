"""Evaluates a ruleset on a table with few passes of Spark, meaning by each rule what AWS Glue Data Quality means.

One pass over the table answers every rule about rows and columns, with one left join per referenced table; each
different set of columns that must be unique takes one more. Ratios are exact: they are compared as fractions of counts.
As in Glue, a rule about a column that does not exist or about no rows at all is not met, and its actual value is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.dqdl_model import Condition, Rule, Ruleset, split_reference
from lakehouse.quality_conditions import WrongOperand, complies, holds
from lakehouse.quality_counts import Counts, RowCounter, quoted

Actual = float | int | bool | None
Verdict = Callable[[Counts], tuple[bool, Actual]]

_UNMET: tuple[bool, Actual] = (False, None)


@dataclass(frozen=True)
class RuleResult:
    """Whether a rule is met. `actual`: a count, a share of rows (0 to 1), whether a column exists, or null."""

    rule: str
    passed: bool
    actual: Actual


@dataclass(frozen=True)
class Quality:
    """The results of a ruleset in its order."""

    rules: tuple[RuleResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every rule is met."""
        return all(result.passed for result in self.rules)

    @property
    def score(self) -> float:
        """Share of the rules that are met."""
        return sum(result.passed for result in self.rules) / len(self.rules) if self.rules else 1.0

    def to_json(self) -> dict[str, Any]:
        """As quality.json and the report hold it."""
        rules = [{"rule": each.rule, "passed": each.passed, "actual": each.actual} for each in self.rules]
        return {"passed": self.passed, "score": self.score, "rules": rules}


def evaluate(table: DataFrame, ruleset: Ruleset, references: Mapping[str, DataFrame], now: datetime) -> Quality:
    """Evaluates all rules. `references`: the tables that ReferentialIntegrity may name; `now` is what now() means, UTC.

    Raises DqdlError, with the rule's place, for a rule that does not fit the types of the table.
    """
    compiler = _Compiler(table, ruleset, references, now)
    verdicts = [(rule, compiler.compile(rule)) for rule in ruleset.rules]
    counts = compiler.counter.run()
    return Quality(tuple(RuleResult(rule.text, *verdict(counts)) for rule, verdict in verdicts))


class _Compiler:
    """Notes with the counter what each rule needs, and says how to judge by the counts."""

    def __init__(self, table: DataFrame, ruleset: Ruleset, references: Mapping[str, DataFrame], now: datetime) -> None:
        self.counter = RowCounter(table)
        self._table, self._ruleset, self._references, self._now = table, ruleset, references, now
        self._types = {field.name: field.dataType for field in table.schema.fields}
        self._compilers: dict[str, Callable[[Rule], Verdict]] = {
            "RowCount": self._row_count,
            "ColumnCount": self._column_count,
            "ColumnExists": self._column_exists,
            "IsComplete": self._completeness,
            "Completeness": self._completeness,
            "IsUnique": self._uniqueness,
            "Uniqueness": self._uniqueness,
            "IsPrimaryKey": self._primary_key,
            "ColumnValues": self._column_values,
            "ReferentialIntegrity": self._referential_integrity,
        }

    def compile(self, rule: Rule) -> Verdict:
        """A function from the counts to passed and actual. Raises DqdlError."""
        if rule.where is not None:
            self._check_where(rule, rule.where)
        columns = split_reference(rule)[0] if rule.type == "ReferentialIntegrity" else rule.parameters
        if rule.type != "ColumnExists" and not set(columns) <= set(self._types):
            return lambda _: _UNMET
        return self._compilers[rule.type](rule)

    def _check_where(self, rule: Rule, where: str) -> None:
        try:
            self._table.where(where)
        except AnalysisException as error:
            problem = str(error).strip().splitlines()[0]
            raise self._ruleset.error(rule, f"where is not a condition on this table: {problem}") from error

    def _row_count(self, rule: Rule) -> Verdict:
        rows = self._all_rows(rule)
        return lambda counts: (_meets(rule.condition, counts.rows[rows]), counts.rows[rows])

    def _column_count(self, rule: Rule) -> Verdict:
        count = len(self._types)
        return lambda _: (_meets(rule.condition, count), count)

    def _column_exists(self, rule: Rule) -> Verdict:
        exists = rule.parameters[0] in self._types
        return lambda _: (exists, exists)

    def _completeness(self, rule: Rule) -> Verdict:
        (column,) = rule.parameters
        complete = self.counter.rows(f"{quoted(column)} complete", F.col(quoted(column)).isNotNull(), rule.where)
        rows = self._all_rows(rule)
        return lambda counts: _share(rule.condition, counts.rows[complete], counts.rows[rows])

    def _uniqueness(self, rule: Rule) -> Verdict:
        name = self.counter.unique(rule.parameters, rule.where)
        return lambda counts: _share(rule.condition, counts.unique[name].single, counts.unique[name].rows)

    def _primary_key(self, rule: Rule) -> Verdict:
        name, rows = self.counter.unique(rule.parameters, rule.where), self._all_rows(rule)
        return lambda counts: _share(None, counts.unique[name].complete, counts.rows[rows])

    def _column_values(self, rule: Rule) -> Verdict:
        (column,) = rule.parameters
        if rule.condition is None:
            raise self._ruleset.error(rule, "ColumnValues needs a condition")
        try:
            meets = complies(rule.condition, F.col(quoted(column)), self._types[column], self._now)
        except WrongOperand as error:
            raise self._ruleset.error(rule, f"column {column}: {error}") from error
        matching = self.counter.rows(f"{quoted(column)} {rule.condition}", meets, rule.where)
        rows = self._all_rows(rule)
        return lambda counts: _share(rule.threshold, counts.rows[matching], counts.rows[rows])

    def _referential_integrity(self, rule: Rule) -> Verdict:
        columns, alias, keys = split_reference(rule)
        reference = self._references.get(alias)
        if reference is None or not set(keys) <= set(reference.columns):
            return lambda _: _UNMET
        found = self.counter.found_in(f"{columns} in {alias} {keys}", columns, reference, keys)
        rows = self._all_rows(rule)
        return lambda counts: _share(rule.condition, counts.rows[found], counts.rows[rows])

    def _all_rows(self, rule: Rule) -> str:
        return self.counter.rows("rows", F.lit(True), rule.where)


def _meets(condition: Condition | None, value: Fraction | int) -> bool:
    """Without a condition all must be as the rule says."""
    return value == 1 if condition is None else holds(condition, value)


def _share(condition: Condition | None, part: int, whole: int) -> tuple[bool, Actual]:
    return (_meets(condition, Fraction(part, whole)), part / whole) if whole else _UNMET
