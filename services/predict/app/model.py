"""What can predict: a model's name and version, the features that it takes, and its answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import fsum, isfinite
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

Row = dict[str, float]


class ModelError(Exception):
    """The artefact cannot be served. The message is safe to show: it names the file and the rule, no content."""


class UnpredictableError(Exception):
    """A row has the right features, with values that no prediction can be made from."""

    def __init__(self, row: int) -> None:
        super().__init__("the values are too large")
        self.row = row


class Model(Protocol):
    """A model of any form."""

    @property
    def name(self) -> str:
        """What it is called, whatever its version."""

    @property
    def version(self) -> str:
        """Tells it from others of its name."""

    @property
    def features(self) -> Collection[str]:
        """Names of what a row must hold, no more and no less."""

    def predict(self, rows: Sequence[Row]) -> list[float]:
        """One finite prediction per row that has exactly the features of the model. Raises UnpredictableError."""


def label(model: Model) -> str:
    """`name/version`: what the header `x-model-version` says."""
    return f"{model.name}/{model.version}"


def problems(model: Model, row: Row) -> list[str]:
    """Why a row cannot be predicted; empty where it can."""
    wanted = set(model.features)
    missing, unknown = sorted(wanted - row.keys()), sorted(row.keys() - wanted)
    return [f"feature {name} is missing" for name in missing] + [f"feature {name} is unknown" for name in unknown]


class LinearModel(BaseModel):
    """prediction = intercept + sum(coefficient * feature): a model that is a short JSON document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    intercept: FiniteFloat
    coefficients: dict[str, FiniteFloat] = Field(min_length=1)

    @property
    def features(self) -> Collection[str]:
        """As Model has it."""
        return self.coefficients.keys()

    def predict(self, rows: Sequence[Row]) -> list[float]:
        """As Model has it."""
        return [self._predict(index, row) for index, row in enumerate(rows)]

    def _predict(self, index: int, row: Row) -> float:
        try:
            value = fsum([self.intercept, *(weight * row[name] for name, weight in self.coefficients.items())])
        except (OverflowError, ValueError):  # a sum beyond all floats, or infinities that cancel each other out
            value = float("inf")
        if not isfinite(value):
            raise UnpredictableError(index)
        return value


def load_linear(path: Path) -> LinearModel:
    """Reads a linear model. Raises ModelError where it is absent or broken."""
    try:
        return LinearModel.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise ModelError(f"{path}: not a valid model ({where(error)})") from error


def where(error: ValidationError) -> str:
    """The places in a document that break a rule, without what stands there."""
    return ", ".join(sorted({".".join(map(str, issue["loc"])) or "document" for issue in error.errors()}))
