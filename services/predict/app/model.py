"""The model artefact: a linear model as JSON, small enough to read and strict enough to refuse a wrong file."""

from __future__ import annotations

from math import fsum, isfinite
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError


class ModelError(Exception):
    """The artefact cannot be served. The message is safe to show: it names the file and the rule, no content."""


class UnpredictableError(Exception):
    """A row has the right features, with values that no prediction can be made from."""


class LinearModel(BaseModel):
    """prediction = intercept + sum(coefficient * feature)"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    intercept: FiniteFloat
    coefficients: dict[str, FiniteFloat] = Field(min_length=1)

    @property
    def label(self) -> str:
        """`name/version`: what the header `x-model-version` says."""
        return f"{self.name}/{self.version}"

    def predict(self, row: dict[str, float]) -> float:
        """The prediction for a row that has exactly the features of the model. Raises UnpredictableError."""
        try:
            value = fsum([self.intercept, *(weight * row[name] for name, weight in self.coefficients.items())])
        except (OverflowError, ValueError):  # a sum beyond all floats, or infinities that cancel each other out
            value = float("inf")
        if not isfinite(value):
            raise UnpredictableError("the values are too large")
        return value

    def problems(self, row: dict[str, float]) -> list[str]:
        """Why a row cannot be predicted; empty where it can."""
        missing = sorted(self.coefficients.keys() - row.keys())
        unknown = sorted(row.keys() - self.coefficients.keys())
        return [f"feature {name} is missing" for name in missing] + [f"feature {name} is unknown" for name in unknown]


def load_model(path: Path) -> LinearModel:
    """Reads an artefact. Raises ModelError where it is absent or broken."""
    try:
        return LinearModel.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        where = ", ".join(sorted({".".join(map(str, issue["loc"])) or "document" for issue in error.errors()}))
        raise ModelError(f"{path}: not a valid model ({where})") from error
