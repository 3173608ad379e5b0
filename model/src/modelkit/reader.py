"""Reads JSON objects field by field and collects what is wrong, so that one error tells all of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from math import isfinite
from re import Pattern
from typing import Any

from modelkit.errors import DocumentError

_SHOWN = 200


def parse_json(data: bytes, where: str) -> Any:
    """A JSON value. Raises DocumentError for what is none, NaN and infinities included."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DocumentError(where, [f"not valid JSON: {error}"]) from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        return False


def shown(value: Any) -> str:
    """A value as errors show it: not endless."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Reader:
    """One JSON object. What a method returns for a wrong field is of no use: `finish` then raises."""

    def __init__(self, value: Any, path: str = "", problems: list[str] | None = None) -> None:
        """`path` names the object within its document; `problems` is the list of the document."""
        self.problems: list[str] = [] if problems is None else problems
        self._path = path
        self._read: set[str] = set()
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        self._is_object = isinstance(value, dict)
        if not self._is_object:
            self.problems.append(f"{path or 'document'}: got {shown(value)}, expected an object")

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return name in self._value

    def get(self, name: str) -> Any:
        """A field as it is; a missing one is a problem and None."""
        self._read.add(name)
        if name not in self._value and self._is_object:
            self.problems.append(f"{self._name(name)}: is missing")
        return self._value.get(name)

    def refuse(self, name: str, rule: str) -> None:
        """Notes that a field breaks a rule: `expected <rule>`."""
        if name in self._value:
            self.problems.append(f"{self._name(name)}: got {shown(self._value[name])}, expected {rule}")

    def text(self, name: str, pattern: Pattern[str], rule: str) -> str:
        """A text that matches as a whole."""
        value = self.get(name)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self.refuse(name, rule)
        return ""

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """One of some texts."""
        value = self.get(name)
        if isinstance(value, str) and value in allowed:
            return value
        self.refuse(name, f"one of {', '.join(allowed)}")
        return ""

    def whole(self, name: str, least: int, most: int | None = None) -> int:
        """A whole number within bounds, these included."""
        value = self.get(name)
        inside = isinstance(value, int) and not isinstance(value, bool) and value >= least
        if inside and (most is None or value <= most):
            return int(value)
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        self.refuse(name, f"a whole number {bounds}")
        return 0

    def number(self, name: str, least: float, most: float) -> float:
        """A number within bounds, these included."""
        value = self.get(name)
        if is_number(value) and least <= value <= most:
            return float(value)
        self.refuse(name, f"a number from {least:g} to {most:g}")
        return 0.0

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.get(name)
        if not isinstance(value, bool):
            self.refuse(name, "true or false")
        return value is True

    def numbers(self, name: str) -> dict[str, float]:
        """Finite numbers by name, at least one."""
        value = self.get(name)
        if isinstance(value, dict) and value and all(key and is_number(each) for key, each in value.items()):
            return dict(sorted(value.items()))
        self.refuse(name, "finite numbers by name, at least one")
        return {}

    def texts(self, name: str, pattern: Pattern[str], rule: str, most: int) -> tuple[str, ...]:
        """A list of 1 to `most` texts, each matching as a whole, none twice."""
        value = self.get(name)
        fits = isinstance(value, list) and all(isinstance(each, str) and pattern.fullmatch(each) for each in value)
        if fits and 1 <= len(value) <= most and len(set(value)) == len(value):
            return tuple(value)
        self.refuse(name, f"a list of 1 to {most} different {rule}")
        return ()

    def inner(self, name: str) -> Reader:
        """An object within this one."""
        value = self.get(name)
        quiet = name not in self._value
        return Reader({} if quiet else value, self._name(name), [] if quiet else self.problems)

    def only(self) -> None:
        """Notes every field that nobody asked for."""
        unknown = sorted(set(self._value) - self._read)
        self.problems += [f"{self._name(name)}: is unknown" for name in unknown]

    def finish(self, where: str) -> None:
        """Raises DocumentError when anything was wrong."""
        if self.problems:
            raise DocumentError(where, self.problems)

    def _name(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name
