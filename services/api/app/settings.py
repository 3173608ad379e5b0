"""Settings from the environment, read once at start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .registry import ModelList, open_list

SHIPPED_MODELS = Path(__file__).parent.parent / "models.json"


@dataclass(frozen=True)
class Settings:
    """Where this service runs and where the other parts of the platform are."""

    predict_url: str
    registry: ModelList
    timeout_seconds: float
    environment: str = "local"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises ValueError naming the variable that cannot be used."""
    url = environment.get("PREDICT_URL", "http://predict:8001")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"PREDICT_URL: got {url!r}, expected a URL that starts with http:// or https://")
    timeout = environment.get("PREDICT_TIMEOUT_SECONDS", "5")
    try:
        seconds = float(timeout)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 60:
        raise ValueError(f"PREDICT_TIMEOUT_SECONDS: got {timeout!r}, expected more than 0 and at most 60")
    name = environment.get("ENVIRONMENT", "local")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", name):
        raise ValueError(f"ENVIRONMENT: got {name!r}, expected lower-case letters, digits and hyphens")
    registry = environment.get("MODEL_REGISTRY") or str(SHIPPED_MODELS)
    if registry.startswith("s3://") and not re.fullmatch(r"s3://[a-z0-9.-]{3,63}/.+", registry):
        raise ValueError(f"MODEL_REGISTRY: got {registry!r}, expected a file, a folder or s3://<bucket>/<prefix>")
    return Settings(url.rstrip("/"), open_list(registry, SHIPPED_MODELS), seconds, name)
