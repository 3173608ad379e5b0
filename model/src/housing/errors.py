"""The errors that a person can do something about. Each ends the program with exit code 2."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 10


class HousingError(Exception):
    """Base of every error that the program raises on purpose."""


class UsageError(HousingError):
    """Arguments, hyper-parameters or folders that make no sense."""


class DataError(HousingError):
    """Data that a model must not learn from, or not be measured on."""


class LeakageError(DataError):
    """A split has something in common with another one."""


class ArtifactError(HousingError):
    """A model that is missing, broken, or not the one that belongs to the data."""


def listed(problems: Sequence[str]) -> str:
    """The first problems, one a line, and how many there are beside them."""
    more = len(problems) - _SHOWN
    return "\n".join([*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])
