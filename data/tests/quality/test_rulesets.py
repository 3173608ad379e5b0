from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from lakehouse.dqdl_model import Rule, split_reference
from lakehouse.quality import evaluate
from lakehouse.quality_run import load_ruleset
from lakehouse.schema import DATASET_NAMES, Column, load_dataset
from lakehouse.spark_tables import table_schema

NOW = datetime(2025, 6, 1, tzinfo=UTC)
PAST, FUTURE = datetime(2025, 1, 31, 10), datetime(2030, 1, 1)
GOOD: Mapping[str, Mapping[str, Any]] = {
    "orders": {
        "order_id": "O00000001",
        "customer_id": "C00000001",
        "product_id": "P000001",
        "quantity": 1000,
        "unit_price": Decimal("0.00"),
        "discount": None,
        "status": "placed",
        "ordered_at": PAST,
        "updated_at": PAST,
        "order_date": PAST.date(),
    },
    "customers": {
        "customer_id": "C00000001",
        "email": "a@example.com",
        "country": "DE",
        "segment": "business",
        "signed_up_at": PAST,
        "updated_at": PAST,
    },
    "products": {
        "product_id": "P000001",
        "name": "Atlas",
        "category": "books",
        "price": Decimal("0.00"),
        "active": True,
        "updated_at": PAST,
    },
    "houses": {
        "house_id": "H00000001",
        "area": Decimal("10.00"),
        "bedrooms": 0,
        "bathrooms": 30,
        "age": 500,
        "price": Decimal("1000.00"),
        "sold_at": PAST,
        "updated_at": PAST,
        "sold_month": date(2025, 1, 1),
    },
    "daily_features": {
        "feature_date": date(2025, 1, 31),
        "category": "books",
        "orders": 1,
        "quantity": 1,
        "gross_amount": Decimal("0.00"),
        "net_amount": Decimal("0.00"),
        "customers": 0,
        "returned_orders": 1,
        "returns_rate": Decimal(1),
    },
}
# Together they break every rule but those that count rows; rules with a threshold need several.
BAD: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "orders": [
        {"order_id": None},
        {"order_id": "O0000001X"},
        {"customer_id": None},
        {"product_id": None},
        {"ordered_at": None},
        {"quantity": 0},
        {"unit_price": Decimal("-0.01")},
        {"status": "lost"},
        *[{"status": "cancelled"}] * 4,
        {"ordered_at": FUTURE},
        {"customer_id": "C00000002"},
        {"product_id": "P000002"},
    ],
    "customers": [
        {"customer_id": None},
        {"customer_id": "C1"},
        {"email": None},
        {"country": "de"},
        {"segment": "friend"},
        {"signed_up_at": FUTURE},
    ],
    "products": [
        {"product_id": None},
        {"product_id": "P1"},
        {"name": None},
        {"category": "cars"},
        {"price": Decimal("-1.00")},
        {"active": None},
    ],
    "houses": [
        {"house_id": None},
        {"house_id": "14 Mill Lane"},
        {"area": Decimal("9.00")},
        {"area": Decimal("500.00")},
        {"bedrooms": -1},
        {"bathrooms": 31},
        {"age": 501},
        {"price": Decimal("999.99")},
        {"price": Decimal("5000000.00")},
        {"sold_at": FUTURE},
    ],
    "daily_features": [
        {"category": None},
        {"orders": 0},
        {"quantity": 0},
        {"net_amount": Decimal("-0.01")},
        {"customers": -1},
        {"returns_rate": Decimal("-0.1")},
        {"returns_rate": Decimal("1.000001")},
        *[{"category": "unknown"}] * 4,
    ],
}


def frame(spark: SparkSession, name: str, *changes: Mapping[str, Any]) -> DataFrame:
    schema = table_schema(load_dataset(name))
    return spark.createDataFrame(
        [tuple({**GOOD[name], **change}[field.name] for field in schema.fields) for change in changes], schema
    )


@pytest.mark.parametrize("name", DATASET_NAMES)
def test_good_rows_meet_every_rule_and_each_rule_can_fail(spark: SparkSession, name: str) -> None:
    references = {other: frame(spark, other, {}) for other in DATASET_NAMES}
    ruleset = load_ruleset(name)
    good = evaluate(frame(spark, name, {}), ruleset, references, NOW)
    assert [each for each in good.rules if not each.passed] == []
    bad = evaluate(frame(spark, name, *BAD[name]), ruleset, references, NOW)
    assert [each.rule for each in bad.rules if each.passed] == [rule.text for rule in ruleset.rules if _counts(rule)]
    none = evaluate(frame(spark, name), ruleset, references, NOW)
    assert [each.rule for each in none.rules if each.passed] == []


@pytest.mark.parametrize("name", DATASET_NAMES)
def test_rules_name_columns_that_the_dataset_has(name: str) -> None:
    for rule in load_ruleset(name).rules:
        for dataset, columns in _mentions(name, rule):
            assert columns <= {column.name for column in load_dataset(dataset).table_columns}, rule.text


@pytest.mark.parametrize("name", DATASET_NAMES)
def test_rules_and_schema_say_the_same_about_values(name: str) -> None:
    for rule in load_ruleset(name).rules:
        if rule.type != "ColumnValues" or rule.condition is None:
            continue
        column = load_dataset(name).column(rule.parameters[0])
        operands = rule.condition.operands
        if rule.condition.operator == "in":
            assert operands == column.allowed, rule.text
        if rule.condition.operator == "matches":
            assert f"^{operands[0]}$" == column.pattern, rule.text
        if rule.condition.operator == "between":
            # Both ends are outside of the range in DQDL.
            assert operands == (_minimum(column) - 1, Decimal(column.maximum or "NaN") + 1), rule.text


def _counts(rule: Rule) -> bool:
    return rule.type == "RowCount"


def _minimum(column: Column) -> Decimal:
    return Decimal(column.minimum or "NaN")


def _mentions(name: str, rule: Rule) -> list[tuple[str, set[str]]]:
    if rule.type != "ReferentialIntegrity":
        return [(name, set(rule.parameters))]
    columns, other, keys = split_reference(rule)
    return [(name, set(columns)), (other, set(keys))]
