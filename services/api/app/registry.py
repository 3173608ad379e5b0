"""The list of models, as the model pipeline writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError


class RegisteredModel(BaseModel):
    """One version of a model and how far it has come. What is not known of it is left out of the answer."""

    model_config = ConfigDict(extra="forbid")

    name: str
    version: str
    status: Literal["candidate", "approved", "serving", "retired"]
    stage: Literal["dev", "staging", "prod"] | None = None
    """The furthest environment it has reached."""
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """Percent of predictions it is meant to answer; below 100 it is a canary, or what stands beside one."""
    metrics: dict[str, FiniteFloat] | None = None
    """What its evaluation measured, e.g. `rmse`, in the unit of what it predicts."""


class RegistryError(Exception):
    """The registry cannot be read."""


_models = TypeAdapter(list[RegisteredModel])


def read_registry(path: Path) -> list[RegisteredModel]:
    """All models, by name and version. Read on every request: the file changes under a running service."""
    try:
        models = _models.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise RegistryError(f"the model registry {path.name} cannot be read") from error
    return sorted(models, key=lambda model: (model.name, model.version))
