"""Conditions of rules as Spark expressions over a column, and as tests of a single number."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pyspark.sql import Column as Expression
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, DataType, DateType, NumericType, StringType, TimestampType

from lakehouse.dqdl_model import Condition, Keyword, Now, Operand
from lakehouse.errors import LakehouseError

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NULL = Keyword("NULL")


class WrongOperand(LakehouseError):
    """A condition compares a column with something that is not of the column's type."""


def holds(condition: Condition, value: Fraction | int) -> bool:
    """Whether a number meets a condition whose operands are numbers. Ratios are compared exactly."""
    numbers = [Fraction(operand) for operand in condition.operands if isinstance(operand, Decimal)]
    if condition.operator == "between":
        found = numbers[0] < value < numbers[1]
    elif condition.operator == "in":
        found = value in numbers
    else:
        found = bool(_COMPARE[condition.operator](value, numbers[0]))
    return found != condition.negated


def complies(condition: Condition, column: Expression, kind: DataType, now: datetime) -> Expression:
    """An expression that is true, never null where it is not, for each row whose value meets the condition.

    No value (null) meets `!=` and `not in`, unless these name NULL, and `=` and `in` if these do; nothing else. Times
    are compared by their day. Raises WrongOperand when the operands are not of the column's type.
    """
    value = F.to_date(column) if isinstance(kind, TimestampType) else column
    if isinstance(kind, BooleanType):
        value = column.cast("string")
    if condition.operator == "matches":
        if not isinstance(kind, StringType):
            raise WrongOperand(f"matches needs a column of text, it is {kind.simpleString()}")
        # \A and \z: an alternative at the top of the expression must not get past one of the ends.
        return F.coalesce(value.rlike(rf"\A(?:{condition.operands[0]})\z"), F.lit(False))
    if condition.operator == "between":
        low, high = (F.lit(_literal(operand, kind, now)) for operand in condition.operands)
        inside = (value > low) & (value < high)
        return F.coalesce(~inside if condition.negated else inside, F.lit(False))
    if condition.operator in ("=", "!=", "in"):
        return _member(condition, value, kind, now)
    compared = _COMPARE[condition.operator](value, F.lit(_literal(condition.operands[0], kind, now)))
    return F.coalesce(compared, F.lit(False))


def _member(condition: Condition, value: Expression, kind: DataType, now: datetime) -> Expression:
    found = value.isNull() if NULL in condition.operands else F.lit(False)
    for operand in condition.operands:
        if operand != NULL:
            found = found | F.coalesce(_equals(operand, value, kind, now), F.lit(False))
    return ~found if condition.negated or condition.operator == "!=" else found


def _equals(operand: Operand, value: Expression, kind: DataType, now: datetime) -> Expression:
    if isinstance(operand, Keyword):
        if not isinstance(kind, StringType):
            raise WrongOperand(f"{operand.name} needs a column of text, it is {kind.simpleString()}")
        blank = F.trim(value) == ""
        return value == "" if operand.name == "EMPTY" else blank & (value != "")
    return value == F.lit(_literal(operand, kind, now))


def _literal(operand: Operand, kind: DataType, now: datetime) -> Decimal | str | date:
    """The operand as a value of the column's type."""
    wanted = "a text"
    if isinstance(kind, NumericType):
        wanted = "a number"
        if isinstance(operand, Decimal):
            return operand
    elif isinstance(kind, DateType | TimestampType):
        wanted = "a date"
        if isinstance(operand, Now):
            return (now + operand.offset).date()
        if isinstance(operand, str):
            return _date(operand, kind)
    elif isinstance(operand, str):
        return operand
    raise WrongOperand(f"got {_show(operand)} for a column of type {kind.simpleString()}, expected {wanted}")


def _date(text: str, kind: DataType) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f'got "{text}" for a column of type {kind.simpleString()}, expected a date such as "2025-03-01"'
        raise WrongOperand(message) from None


def _show(operand: Operand) -> str:
    if isinstance(operand, Now):
        return "now()"
    return (
        operand.name if isinstance(operand, Keyword) else f'"{operand}"' if isinstance(operand, str) else str(operand)
    )
