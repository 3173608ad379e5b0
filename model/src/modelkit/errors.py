"""The errors of the model pipeline. Each names the place and the rule that is broken."""

from __future__ import annotations

from collections.abc import Sequence


class ModelkitError(Exception):
    """Base of every error that is raised on purpose."""


class DocumentError(ModelkitError):
    """A document is not what it has to be. Lists every problem, one a line."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        """Names the document and what is wrong with it."""
        self.where = where
        self.problems = list(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in problems))


class StorageError(ModelkitError):
    """An object is missing or cannot be used, or a location is not one."""


class SettingsError(ModelkitError):
    """A function was started with settings that are missing or make no sense. Lists every problem, one a line."""


class RequestError(ModelkitError):
    """What was asked for makes no sense. Lists every problem, one a line."""
