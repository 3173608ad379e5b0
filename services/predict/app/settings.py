"""Settings from the environment, read once at start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .registry import Registry, open_store
from .serving import FileSource, RegistrySource, Source

SHIPPED_MODEL = Path(__file__).parent.parent / "model.json"


@dataclass(frozen=True)
class Settings:
    """Which model is served, and where."""

    source: Source
    refresh_seconds: float
    environment: str


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises ValueError naming the variable that cannot be used.

    `MODEL_PATH` is one model for good, and `MODEL_VERSION` what it is called; otherwise `MODEL_REGISTRY` says which one
    is approved, and without either it is the one that the image brings along.
    """
    name = environment.get("ENVIRONMENT", "local")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", name):
        raise ValueError(f"ENVIRONMENT: got {name!r}, expected lower-case letters, digits and hyphens")
    return Settings(_source(environment), _seconds(environment.get("MODEL_REFRESH_SECONDS", "60")), name)


def _source(environment: Mapping[str, str]) -> Source:
    shipped = FileSource(SHIPPED_MODEL)
    path = environment.get("MODEL_PATH", "")
    if path:
        return FileSource(Path(path), _version(environment.get("MODEL_VERSION", "")))
    registry = environment.get("MODEL_REGISTRY", "")
    if not registry:
        return shipped
    if registry.startswith("s3://") and not re.fullmatch(r"s3://[a-z0-9.-]{3,63}/.+", registry):
        raise ValueError(f"MODEL_REGISTRY: got {registry!r}, expected a folder or s3://<bucket>/<prefix>")
    return RegistrySource(Registry(open_store(registry)), shipped)


def _version(text: str) -> str | None:
    if text and not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", text):
        raise ValueError(f"MODEL_VERSION: got {text!r}, expected letters, digits, dots and dashes")
    return text or None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 86_400:
        raise ValueError(f"MODEL_REFRESH_SECONDS: got {text!r}, expected 0 (never) to 86400")
    return seconds
