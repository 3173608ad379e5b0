"""What a dataset definition must look like. Every function returns problems as texts; none raises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

DECIMAL = r"decimal\(([1-9][0-9]?),([0-9][0-9]?)\)"
KINDS = ("string", "int", "bigint", "boolean", "date", "timestamp")
NAME = r"[a-z][a-z0-9_]{0,62}"
# Run folders lie above the partition folders: Spark reads the names of both as columns.
RESERVED = ("run",)

_DATASET = {"schema", "name", "description", "source", "key", "version", "partition", "columns"}
_COLUMN = {"name", "type", "required", "description", "minimum", "maximum", "allowed", "pattern"}


def check_definition(definition: Any) -> list[str]:
    """The problems of a whole definition, empty when it is valid."""
    if not isinstance(definition, Mapping):
        return [f"got {_show(definition)}, expected an object"]
    problems = _shape(definition)
    if problems:
        return problems
    for index, column in enumerate(definition["columns"]):
        problems += [f"`columns[{index}]{problem}" for problem in _check_column(column)]
    return problems or _check_references(definition)


def _shape(definition: Mapping[str, Any]) -> list[str]:
    problems = _keys("", definition, _DATASET, _DATASET - {"version"})
    problems += _expect("schema", definition, lambda value: value == 1 and value is not True, "1")
    problems += _expect("name", definition, _is_name, "a name of lower-case letters, digits and underscores")
    problems += _expect("description", definition, _is_text, "a sentence")
    problems += _expect("source", definition, lambda value: value in ("csv", "derived"), "csv or derived")
    problems += _expect("key", definition, _is_names, "a list of different column names")
    problems += _expect("version", definition, _is_name, "a column name")
    problems += _expect("columns", definition, lambda value: isinstance(value, list) and value, "a list of columns")
    partition = definition.get("partition")
    if not isinstance(partition, Mapping):
        return [*problems, f"`partition`: got {_show(partition)}, expected {{column, from, transform}}"]
    names = {"column", "from", "transform"}
    return problems + _keys("partition.", partition, names, names)


def _check_column(column: Any) -> list[str]:
    """Problems of one column, each starting after the column's own place."""
    if not isinstance(column, Mapping):
        return [f"`: got {_show(column)}, expected an object"]
    problems = _keys("", column, _COLUMN, {"name", "type", "required", "description"})
    problems += _expect("name", column, _is_name, "a name of lower-case letters, digits and underscores")
    problems += _expect("type", column, _is_type, f"one of {', '.join(KINDS)}, decimal(p,s) with s <= p <= 38")
    problems += _expect("required", column, lambda value: isinstance(value, bool), "true or false")
    problems += _expect("description", column, _is_text, "a sentence")
    if not problems:
        problems = _check_rules(column)
    return [problem.replace("`", ".", 1) for problem in problems]


def _check_rules(column: Mapping[str, Any]) -> list[str]:
    kind = column["type"].partition("(")[0]
    problems = []
    for field in ("minimum", "maximum"):
        if kind in ("int", "bigint"):
            problems += _expect(field, column, _is_whole, "a whole number")
        elif kind == "decimal":
            problems += _expect(field, column, _is_decimal, 'a number as text, e.g. "0.00"')
        elif field in column:
            problems.append(f"`{field}`: only numbers have one, not {column['type']}")
    for field in ("allowed", "pattern"):
        if field in column and kind != "string":
            problems.append(f"`{field}`: only a string has it, not {column['type']}")
    problems += _expect("allowed", column, _is_texts, "a list of different texts")
    problems += _expect("pattern", column, _is_pattern, "a regular expression from ^ to $")
    bounded = not problems and "minimum" in column and "maximum" in column
    if bounded and Decimal(column["minimum"]) > Decimal(column["maximum"]):
        problems.append(f"`minimum`: got {column['minimum']}, expected at most `maximum`, {column['maximum']}")
    return problems


def _check_references(definition: Mapping[str, Any]) -> list[str]:
    columns = {column["name"]: column for column in definition["columns"]}
    problems = []
    if len(columns) != len(definition["columns"]):
        problems.append("`columns`: two have the same name")
    for name in definition["key"]:
        problems += _required_column("key", name, columns)
    if definition["source"] == "csv" and "version" not in definition:
        problems.append("`version`: missing, a delivered dataset needs the column that tells newer from older")
    if "version" in definition:
        problems += _required_column("version", definition["version"], columns, ("timestamp", "bigint"))
    return problems + _check_partition(definition["partition"], columns)


def _check_partition(partition: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if partition["transform"] in ("date", "month"):
        problems = _required_column("partition.from", partition["from"], columns, ("timestamp",))
        if partition["column"] in columns or not _is_name(partition["column"]):
            problems.append(f"`partition.column`: got {_show(partition['column'])}, expected a name no column has")
        return problems
    if partition["transform"] == "identity":
        problems = _required_column("partition.from", partition["from"], columns, ("string", "date"))
        if partition["column"] != partition["from"]:
            problems.append("`partition.column`: must be `partition.from` when `partition.transform` is identity")
        return problems
    return [f"`partition.transform`: got {_show(partition['transform'])}, expected date, month or identity"]


def _required_column(
    field: str, name: Any, columns: Mapping[str, Mapping[str, Any]], types: tuple[str, ...] = ()
) -> list[str]:
    column = columns.get(name) if isinstance(name, str) else None
    if column is None:
        return [f"`{field}`: got {_show(name)}, expected one of {', '.join(columns)}"]
    if not column["required"]:
        return [f"`{field}`: column {name} must be required"]
    if types and column["type"] not in types:
        return [f"`{field}`: column {name} is {column['type']}, expected {' or '.join(types)}"]
    return []


def _keys(prefix: str, value: Mapping[str, Any], known: set[str], needed: set[str]) -> list[str]:
    problems = [
        f"`{prefix}{key}`: unknown, expected only {', '.join(sorted(known))}" for key in sorted(set(value) - known)
    ]
    return problems + [f"`{prefix}{key}`: missing" for key in sorted(needed - set(value))]


def _expect(field: str, value: Mapping[str, Any], rule: Callable[[Any], object], expected: str) -> list[str]:
    """Missing fields are another check's business."""
    if field not in value or rule(value[field]):
        return []
    return [f"`{field}`: got {_show(value[field])}, expected {expected}"]


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(NAME, value) is not None and value not in RESERVED


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_names(value: Any) -> bool:
    return _is_texts(value) and all(map(_is_name, value))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_decimal(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None


def _is_type(value: Any) -> bool:
    match = re.fullmatch(DECIMAL, value) if isinstance(value, str) else None
    return value in KINDS if match is None else int(match[2]) <= int(match[1]) <= 38


def _is_pattern(value: Any) -> bool:
    if not isinstance(value, str) or not (value.startswith("^") and value.endswith("$")):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


def _show(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
