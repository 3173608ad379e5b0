from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lakehouse
from lakehouse.errors import SchemaError
from lakehouse.schema import DATASET_NAMES, ColumnType, load_dataset, load_datasets, parse_dataset, parse_dataset_text

Definition = dict[str, Any]
FOLDER = Path(lakehouse.__file__).parent / "datasets"


def definition() -> Definition:
    return {
        "schema": 1,
        "name": "things",
        "description": "Things.",
        "source": "csv",
        "key": ["id"],
        "version": "changed_at",
        "partition": {"column": "day", "from": "changed_at", "transform": "date"},
        "columns": [
            {"name": "id", "type": "string", "required": True, "pattern": "^T[0-9]+$", "description": "Names it."},
            {"name": "changed_at", "type": "timestamp", "required": True, "description": "When."},
            {
                "name": "price",
                "type": "decimal(10,2)",
                "required": False,
                "minimum": "0.00",
                "description": "What for.",
            },
            {"name": "count", "type": "int", "required": True, "minimum": 1, "maximum": 9, "description": "How many."},
        ],
    }


def test_a_definition_becomes_a_dataset() -> None:
    things = parse_dataset(definition())
    assert [str(column.type) for column in things.table_columns] == [
        "string",
        "timestamp",
        "decimal(10,2)",
        "int",
        "date",
    ]
    assert things.partition_column.name == "day"
    assert [column.name for column in things.stored_columns] == ["id", "changed_at", "price", "count"]
    assert (things.column("count").minimum, things.column("count").maximum) == ("1", "9")
    assert things.column("price").type == ColumnType("decimal", 10, 2)
    with pytest.raises(KeyError, match="things has no column other"):
        things.column("other")


def test_a_partition_column_that_is_delivered_keeps_its_place() -> None:
    customers = load_dataset("customers")
    assert [column.name for column in customers.table_columns] == [column.name for column in customers.columns]
    assert "country" not in [column.name for column in customers.stored_columns]


def test_a_month_is_a_date_of_its_own() -> None:
    houses = load_dataset("houses")
    assert houses.partition.derived
    assert [column.name for column in houses.table_columns] == [*(c.name for c in houses.columns), "sold_month"]
    assert [column.name for column in houses.stored_columns] == [column.name for column in houses.columns]
    month = houses.partition_column
    assert (str(month.type), month.description) == ("date", "The first day of the UTC month of sold_at.")


def test_every_definition_of_the_package_is_valid_and_listed() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(DATASET_NAMES) == set(load_datasets())


def test_an_unknown_dataset_is_refused_by_name() -> None:
    with pytest.raises(SchemaError, match="dataset returns: unknown, expected one of orders, customers"):
        load_dataset("returns")


def column(index: int, **changes: object) -> Callable[[Definition], None]:
    return lambda value: value["columns"][index].update(changes)


def top(**changes: object) -> Callable[[Definition], None]:
    return lambda value: value.update(changes)


def partition(**changes: object) -> Callable[[Definition], None]:
    return lambda value: value["partition"].update(changes)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (top(schema=2), "`schema`: got 2, expected 1"),
        (top(schema=True), "`schema`: got true, expected 1"),
        (top(name="Things"), '`name`: got "Things", expected a name of lower-case letters'),
        (top(description=" "), "`description`: got"),
        (top(source="json"), '`source`: got "json", expected csv or derived'),
        (top(extra=1), "`extra`: unknown, expected only columns"),
        (lambda value: value.pop("key"), "`key`: missing"),
        (lambda value: value.pop("version"), "`version`: missing, a delivered dataset needs the column"),
        (top(key=["id", "id"]), "`key`: got"),
        (top(key=["price"]), "`key`: column price must be required"),
        (top(key=["other"]), '`key`: got "other", expected one of id, changed_at, price, count'),
        (top(version="id"), "`version`: column id is string, expected timestamp or bigint"),
        (top(columns=[]), "`columns`: got [], expected a list of columns"),
        (top(partition="day"), '`partition`: got "day", expected {column, from, transform}'),
        (partition(extra=1), "`partition.extra`: unknown"),
        (partition(transform="hour"), '`partition.transform`: got "hour", expected date, month or identity'),
        (partition(transform="month", column="id"), '`partition.column`: got "id", expected a name no column has'),
        (
            partition(transform="month", **{"from": "id"}),
            "`partition.from`: column id is string, expected timestamp",
        ),
        (partition(column="id"), '`partition.column`: got "id", expected a name no column has'),
        (partition(column="run"), '`partition.column`: got "run", expected a name no column has'),
        (partition(**{"from": "id"}), "`partition.from`: column id is string, expected timestamp"),
        (partition(transform="identity"), "`partition.from`: column changed_at is timestamp, expected string or date"),
        (
            partition(transform="identity", **{"from": "id"}),
            "`partition.column`: must be `partition.from` when `partition.transform` is identity",
        ),
        (column(0, type="text"), '`columns[0].type`: got "text", expected one of string, int'),
        (column(2, type="decimal(2,3)"), '`columns[2].type`: got "decimal(2,3)"'),
        (column(2, type="decimal(39,3)"), '`columns[2].type`: got "decimal(39,3)"'),
        (column(0, required="yes"), '`columns[0].required`: got "yes", expected true or false'),
        (column(0, pattern="T"), '`columns[0].pattern`: got "T", expected a regular expression from ^ to $'),
        (column(0, pattern="^($"), '`columns[0].pattern`: got "^($"'),
        (column(0, minimum=1), "`columns[0].minimum`: only numbers have one, not string"),
        (column(0, allowed=[]), "`columns[0].allowed`: got [], expected a list of different texts"),
        (column(3, pattern="^1$"), "`columns[3].pattern`: only a string has it, not int"),
        (column(3, minimum="1"), '`columns[3].minimum`: got "1", expected a whole number'),
        (column(3, minimum=10), "`columns[3].minimum`: got 10, expected at most `maximum`, 9"),
        (column(2, minimum=0), "`columns[2].minimum`: got 0, expected a number as text"),
        (column(3, name="id"), "`columns`: two have the same name"),
        (column(3, name="run"), '`columns[3].name`: got "run"'),
        (lambda value: value["columns"].append("price"), '`columns[4]`: got "price", expected an object'),
    ],
)
def test_a_problem_is_named(change: Callable[[Definition], None], problem: str) -> None:
    changed = definition()
    change(changed)
    with pytest.raises(SchemaError) as caught:
        parse_dataset(changed)
    assert any(found.startswith(problem) for found in caught.value.problems), caught.value.problems


def test_all_problems_are_named_at_once() -> None:
    changed = copy.deepcopy(definition())
    changed["columns"][0]["required"] = 1
    changed["columns"][3]["type"] = "number"
    with pytest.raises(SchemaError) as caught:
        parse_dataset(changed)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not valid JSON"),
        ('{"schema": 1, "schema": 1}', "not valid JSON: given twice: schema"),
        ("[]", "got [], expected an object"),
        (json.dumps(definition()), '`name`: got "things", expected the name of the file, "others"'),
    ],
)
def test_a_file_that_is_no_definition_says_why(text: str, problem: str) -> None:
    with pytest.raises(SchemaError) as caught:
        parse_dataset_text(text, "others")
    assert str(caught.value).startswith(f"dataset others: {problem}")
