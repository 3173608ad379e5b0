"""Reads the conditions of rules: what stands behind the column."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from lakehouse.dqdl_model import KEYWORDS, Condition, Keyword, Now, Operand
from lakehouse.dqdl_tokens import DqdlError, Token, tokenize

T = TypeVar("T")

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = ("between", "not", "in", "matches")
_DYNAMIC = ("last", "avg", "sum", "max", "min", "median", "percentile", "stddev", "std", "index", "abs")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ConditionReader:
    """A place in the tokens of a document, and one method per construct that can stand in a condition."""

    def __init__(self, text: str, name: str) -> None:
        self._tokens, self._name, self._place = tokenize(text, name), name, 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._place]

    def _fail(self, problem: str, token: Token | None = None) -> DqdlError:
        at = token or self._token
        return DqdlError(self._name, at.line, at.column, problem)

    def _outside(self, what: str, instead: str = "") -> DqdlError:
        return self._fail(f"{what} is DQDL, but outside the subset of this pipeline{instead and '; '}{instead}")

    def _next(self) -> Token:
        token = self._token
        self._place += token.kind != "end"
        return token

    def _take(self, *texts: str) -> Token | None:
        """The token if it is one of these words or signs, which is then behind."""
        return self._next() if self._token.kind in ("word", "sign") and self._token.text in texts else None

    def _expect(self, text: str) -> Token:
        token = self._take(text)
        if token is None:
            raise self._fail(f"got {show(self._token)}, expected {text}")
        return token

    def _separated(self, item: Callable[[], T], close: str) -> list[T]:
        items = [item()]
        while self._take(","):
            items.append(item())
        if self._take(close) is None:
            raise self._fail(f"got {show(self._token)}, expected , or {close}")
        return items

    def _number_condition(self) -> Condition:
        start = self._token
        condition = self._condition()
        if not all(isinstance(operand, Decimal) for operand in condition.operands):
            raise self._fail("this condition is about a number", start)
        return condition

    def _condition(self) -> Condition:
        start = self._next()
        if start.text == "matches":
            return Condition("matches", (self._pattern(),))
        negated = start.text == "not"
        operator = self._next() if negated else start
        if operator.text == "between":
            low = self._operand()
            self._expect_and()
            condition = Condition("between", (low, self._operand()), negated)
        elif operator.text == "in":
            self._expect("[")
            condition = Condition("in", tuple(self._separated(self._operand, "]")), negated)
        elif not negated and operator.text in COMPARISONS:
            condition = Condition(operator.text, (self._operand(),))
        elif negated and operator.text == "matches":
            self._place -= 1
            raise self._outside("not matches", "turn the expression around")
        else:
            raise self._fail(
                f"got {show(operator)}, expected {'between or in' if negated else 'a condition'}", operator
            )
        self._check_operands(start, condition)
        return condition

    def _expect_and(self) -> None:
        if self._take("and", "AND") is None:
            raise self._fail(f"got {show(self._token)}, expected and")

    def _check_operands(self, start: Token, condition: Condition) -> None:
        """All of one kind (NULL goes with any), and of a kind that the operator knows."""
        kinds = {_kind(operand) for operand in condition.operands} - {"NULL"}
        # A text that looks like a date is either, until the type of the column is known.
        if not any(kinds <= family for family in ({"number"}, {"text", "date"}, {"date", "now"})):
            raise self._fail("the operands are of different kinds", start)
        if condition.operator in ("=", "!=", "in"):
            return
        if "text" in kinds or len(kinds) == 0 or any(isinstance(item, Keyword) for item in condition.operands):
            raise self._fail(f"{condition.operator} takes numbers or dates", start)

    def _operand(self) -> Operand:
        token = self._token
        if self._take("("):
            now = self._now()
            self._expect(")")
            return now
        if token.text == "-" or token.kind == "number":
            return self._number()
        if token.kind == "string":
            return self._text(self._next())
        if (
            token.kind == "word"
            and token.text.upper() in KEYWORDS
            and token.text in (token.text.upper(), token.text.lower())
        ):
            return Keyword(self._next().text.upper())
        if token.text == "now":
            return self._now(moved=False)
        if token.text in _DYNAMIC:
            raise self._outside(f"a dynamic rule ({token.text})", "give a number")
        raise self._fail(f"got {show(token)}, expected a number, a text or a date")

    def _number(self) -> Decimal:
        sign = -1 if self._take("-") else 1
        if self._token.kind != "number":
            raise self._fail(f"got {show(self._token)}, expected a number")
        return sign * Decimal(self._next().text)

    def _now(self, moved: bool = True) -> Now:
        for text in ("now", "(", ")"):
            self._expect(text)
        if not moved:
            return Now()
        sign = self._take("-", "+")
        if sign is None:
            raise self._fail(f"got {show(self._token)}, expected - or +")
        amount = self._number()
        unit = self._take("days", "hours")
        if unit is None:
            raise self._fail(f"got {show(self._token)}, expected days or hours")
        return Now(timedelta(**{unit.text: float(amount)}) * (1 if sign.text == "+" else -1))

    def _string(self, what: str) -> str:
        if self._token.kind != "string":
            raise self._fail(f"got {show(self._token)}, expected {what}")
        return self._text(self._next())

    def _pattern(self) -> str:
        token = self._token
        pattern = self._string("an expression in quotes")
        try:
            re.compile(pattern)
        except re.error as error:
            raise self._fail(f"not an expression: {error}", token) from error
        return pattern

    def _text(self, token: Token) -> str:
        r"""Glue drops a backslash and takes what follows as it is, so `\d` would silently mean `d`."""
        inner = token.text[1:-1]
        lost = re.search(r'\\[^"\\]', inner.replace("\\\\", "__"))
        if lost:
            raise self._fail(f"{lost[0]} means {lost[0][1]} in DQDL; write a class such as [0-9] or [.]", token)
        return re.sub(r"\\(.)", r"\1", inner)


def _kind(operand: Operand) -> str:
    if isinstance(operand, Decimal):
        return "number"
    if isinstance(operand, Now):
        return "now"
    if isinstance(operand, Keyword):
        return "NULL" if operand.name == "NULL" else "text"
    return "date" if _DATE.fullmatch(operand) else "text"


def show(token: Token) -> str:
    """A token in a message."""
    return "the end" if token.kind == "end" else token.text
