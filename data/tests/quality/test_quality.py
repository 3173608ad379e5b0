from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from lakehouse.dqdl import DqdlError, parse_ruleset
from lakehouse.quality import Actual, Quality, RuleResult, evaluate

NOW = datetime(2025, 3, 10, 15, 0, tzinfo=UTC)
SCHEMA = "id int, price decimal(10,2), name string, day date, at timestamp, flag boolean"
Values = tuple[Any, ...]


def table(spark: SparkSession, *rows: Values, schema: str = SCHEMA) -> DataFrame:
    return spark.createDataFrame(list(rows), schema)


def people(spark: SparkSession) -> DataFrame:
    return table(
        spark,
        (1, Decimal("1.00"), "ann", date(2025, 3, 1), datetime(2025, 3, 1, 23), True),
        (2, Decimal("2.50"), "bob", date(2025, 3, 9), datetime(2025, 3, 10, 23), True),
        (3, None, " ", date(2025, 3, 10), None, False),
        (None, Decimal("4.00"), "", None, datetime(2025, 3, 11, 0), None),
        (3, Decimal("4.00"), None, date(2025, 3, 20), datetime(2025, 3, 12), True),
    )


MEANINGS: list[tuple[str, bool, Actual]] = [
    ("RowCount = 5", True, 5),
    ("RowCount between 4 and 6", True, 5),
    ("RowCount between 5 and 6", False, 5),
    ("RowCount not between 5 and 6", True, 5),
    ("RowCount in [1, 5]", True, 5),
    ('RowCount = 3 where "flag"', True, 3),
    ("ColumnCount = 6", True, 6),
    ('ColumnExists "name"', True, True),
    ('ColumnExists "nobody"', False, False),
    ('IsComplete "id"', False, 0.8),
    ('IsComplete "flag" where "id is not null"', True, 1.0),
    ('Completeness "id" >= 0.8', True, 0.8),
    ('Completeness "id" > 0.8', False, 0.8),
    ('Completeness "nobody" > 0', False, None),
    # Rows without any value in the columns are left out of uniqueness; a missing part of several is a value.
    ('IsUnique "id"', False, 0.5),
    ('IsUnique "id" where "id < 3"', True, 1.0),
    ('Uniqueness "price" = 0.5', True, 0.5),
    ('IsUnique "id" "price"', True, 1.0),
    ('IsPrimaryKey "id" "price"', False, 0.6),
    ('IsPrimaryKey "id" where "id < 3"', True, 1.0),
    ('ColumnValues "price" > 0', False, 0.8),
    ('ColumnValues "price" > 0 where "price is not null"', True, 1.0),
    ('ColumnValues "price" > 0 with threshold > 0.75', True, 0.8),
    ('ColumnValues "price" > 0 with threshold > 0.8', False, 0.8),
    ('ColumnValues "price" between 1 and 4 with threshold >= 0', True, 0.2),
    ('ColumnValues "price" not between 1 and 4 with threshold >= 0', True, 0.6),
    ('ColumnValues "price" = 4 with threshold >= 0', True, 0.4),
    ('ColumnValues "price" != 4 with threshold >= 0', True, 0.6),
    ('ColumnValues "price" in [1, 2.5] with threshold >= 0', True, 0.4),
    ('ColumnValues "price" in [1, NULL] with threshold >= 0', True, 0.4),
    ('ColumnValues "price" not in [1, 2.5] with threshold >= 0', True, 0.6),
    ('ColumnValues "price" not in [1, NULL] with threshold >= 0', True, 0.6),
    ('ColumnValues "price" = NULL with threshold >= 0', True, 0.2),
    ('ColumnValues "price" != NULL with threshold >= 0', True, 0.8),
    ('ColumnValues "name" in ["ann", EMPTY] with threshold >= 0', True, 0.4),
    ('ColumnValues "name" in [WHITESPACES_ONLY, NULL] with threshold >= 0', True, 0.4),
    ('ColumnValues "name" not in [WHITESPACES_ONLY, EMPTY] with threshold >= 0', True, 0.6),
    ('ColumnValues "name" matches "[a-z]{3}" with threshold >= 0', True, 0.4),
    ('ColumnValues "name" matches "a|b" with threshold >= 0', True, 0.0),
    ('ColumnValues "flag" in ["true"] with threshold >= 0', True, 0.6),
    ('ColumnValues "day" > (now() - 3 days) with threshold >= 0', True, 0.6),
    ('ColumnValues "day" <= now() with threshold >= 0', True, 0.6),
    ('ColumnValues "day" in ["2025-03-01", NULL] with threshold >= 0', True, 0.4),
    # A time belongs to its day.
    ('ColumnValues "at" <= now() with threshold >= 0', True, 0.4),
    ('ColumnValues "at" < (now() + 25 hours) with threshold >= 0', True, 0.4),
    ('ColumnValues "nobody" > 0', False, None),
    ('ColumnValues "id" > 0 where "id > 100"', False, None),
]


@pytest.fixture(scope="module")
def results(spark: SparkSession) -> dict[str, RuleResult]:
    """All rules at once: they share passes, as the rules of a real table do."""
    ruleset = parse_ruleset(f"Rules = [ {', '.join(rule for rule, _, _ in MEANINGS)} ]")
    return {each.rule: each for each in evaluate(people(spark), ruleset, {}, NOW).rules}


@pytest.mark.parametrize(("rule", "passed", "actual"), MEANINGS)
def test_what_a_rule_means(results: dict[str, RuleResult], rule: str, passed: bool, actual: Actual) -> None:
    assert results[rule] == RuleResult(rule, passed, actual)
    assert type(results[rule].actual) is type(actual)


REFERENCES: list[tuple[str, bool, Actual]] = [
    ('ReferentialIntegrity "id" "known.key" >= 0.6', True, 0.6),
    ('ReferentialIntegrity "id" "known.key" = 1', False, 0.6),
    ('ReferentialIntegrity "id,name" "known.{key,label}" > 0.1', True, 0.2),
    ("RowCount = 5", True, 5),
    ('ReferentialIntegrity "id" "known.nothing" >= 0', False, None),
    ('ReferentialIntegrity "id" "unknown.key" >= 0', False, None),
    ('ReferentialIntegrity "nothing" "known.key" >= 0', False, None),
]


def test_referential_integrity_counts_rows_and_never_multiplies_them(spark: SparkSession) -> None:
    known = table(spark, (3, "x"), (3, "y"), (1, "ann"), (None, ""), schema="key int, label string")
    ruleset = parse_ruleset(f"Rules = [ {', '.join(rule for rule, _, _ in REFERENCES)} ]")
    quality = evaluate(people(spark), ruleset, {"known": known}, NOW)
    assert [(each.rule, each.passed, each.actual) for each in quality.rules] == REFERENCES


def test_no_rows_meet_no_rule_about_rows(spark: SparkSession) -> None:
    rules = ["RowCount = 0", 'IsComplete "id"', 'IsUnique "id"', 'IsPrimaryKey "id"', 'ColumnValues "id" != 1']
    known = table(spark, (1,), schema="key int")
    ruleset = parse_ruleset(f'Rules = [ {",".join(rules)}, ReferentialIntegrity "id" "known.key" >= 0 ]')
    quality = evaluate(table(spark), ruleset, {"known": known}, NOW)
    assert [(each.passed, each.actual) for each in quality.rules] == [(True, 0)] + [(False, None)] * 5


def test_score_is_the_share_of_rules_that_are_met() -> None:
    results = (RuleResult("a", True, 1), RuleResult("b", False, 0.5), RuleResult("c", False, None))
    quality = Quality(results)
    assert quality.to_json() == {
        "passed": False,
        "score": 1 / 3,
        "rules": [
            {"rule": "a", "passed": True, "actual": 1},
            {"rule": "b", "passed": False, "actual": 0.5},
            {"rule": "c", "passed": False, "actual": None},
        ],
    }
    assert Quality(()).to_json() == {"passed": True, "score": 1.0, "rules": []}


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('ColumnValues "name" > 3', "column name: got 3 for a column of type string, expected a text"),
        ('ColumnValues "id" in ["3"]', 'column id: got "3" for a column of type int, expected a number'),
        ('ColumnValues "id" = EMPTY', "column id: EMPTY needs a column of text, it is int"),
        ('ColumnValues "id" > now()', "column id: got now() for a column of type int, expected a number"),
        ('ColumnValues "id" matches "1"', "column id: matches needs a column of text, it is int"),
        ('ColumnValues "day" = 3', "column day: got 3 for a column of type date, expected a date"),
        ('ColumnValues "day" = "soon"', 'column day: got "soon" for a column of type date, expected a date such as'),
        ('ColumnValues "at" = "2025-02-30"', 'column at: got "2025-02-30" for a column of type timestamp'),
        ('IsComplete "id" where "nobody = 1"', "where is not a condition on this table"),
        ('IsComplete "id" where "id id"', "where is not a condition on this table"),
    ],
)
def test_a_rule_that_does_not_fit_the_table_is_an_error(spark: SparkSession, rule: str, problem: str) -> None:
    ruleset = parse_ruleset(f"Rules = [\n  RowCount > 0,\n  {rule} ]", "people.dqdl")
    with pytest.raises(DqdlError, match=re.escape(f"people.dqdl:3:3: {problem}")):
        evaluate(people(spark), ruleset, {}, NOW)


Naive = Callable[[Sequence[Values]], tuple[int, int]]
RULES: dict[str, Naive] = {
    'Completeness "id" >= 0': lambda rows: (sum(row[0] is not None for row in rows), len(rows)),
    'Uniqueness "id" >= 0': lambda rows: _unique([row[:1] for row in rows]),
    'Uniqueness "id" "name" >= 0': lambda rows: _unique([row[:2] for row in rows]),
    'ColumnValues "id" >= 1 with threshold >= 0': lambda rows: _count(
        rows, lambda row: row[0] is not None and row[0] >= 1
    ),
    'ColumnValues "id" between -1 and 2 with threshold >= 0': lambda rows: _count(rows, lambda row: row[0] in (0, 1)),
    'ColumnValues "id" not in [0, 2] with threshold >= 0': lambda rows: _count(rows, lambda row: row[0] not in (0, 2)),
    'ColumnValues "name" in ["a", NULL] with threshold >= 0': lambda rows: _count(
        rows, lambda row: row[1] in ("a", None)
    ),
    'ColumnValues "name" matches "a+" with threshold >= 0': lambda rows: _count(
        rows, lambda row: row[1] is not None and re.fullmatch("a+", row[1]) is not None
    ),
    'ColumnValues "day" < now() with threshold >= 0': lambda rows: _count(
        rows, lambda row: row[2] is not None and row[2] < NOW.date()
    ),
    'ReferentialIntegrity "id" "other.id" >= 0': lambda rows: _count(rows, lambda row: row[0] in (0, 1)),
    'Completeness "name" >= 0 where "id > 0"': lambda rows: _count(
        [row for row in rows if row[0] is not None and row[0] > 0], lambda row: row[1] is not None
    ),
}
ROW = st.tuples(
    st.none() | st.integers(-2, 3),
    st.none() | st.sampled_from(["", " ", "a", "aa", "a\n", "b", "A", "é"]),
    st.none() | st.integers(-2, 2).map(lambda days: NOW.date() + timedelta(days)),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=12))
def test_spark_counts_what_a_loop_counts(spark: SparkSession, rows: list[Values]) -> None:
    frame = table(spark, *rows, schema="id int, name string, day date")
    other = table(spark, (0,), (1,), (1,), (None,), schema="id int")
    ruleset = parse_ruleset(f"Rules = [ {', '.join(RULES)} ]")
    quality = evaluate(frame, ruleset, {"other": other}, NOW)
    expected = {}
    for rule, naive in RULES.items():
        part, whole = naive(rows)
        expected[rule] = RuleResult(rule, whole > 0, part / whole if whole else None)
    assert {each.rule: each for each in quality.rules} == expected


def _count(rows: Sequence[Values], test: Callable[[Values], bool]) -> tuple[int, int]:
    return sum(map(test, rows)), len(rows)


def _unique(keys: Sequence[Values]) -> tuple[int, int]:
    filled = Counter(key for key in keys if any(value is not None for value in key))
    return sum(count == 1 for count in filled.values()), sum(filled.values())
