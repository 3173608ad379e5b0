"""Settings of functions, from environment variables alone, and their clients."""

from __future__ import annotations

import functools
import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from modelkit.errors import SettingsError


def required(*names: str) -> dict[str, str]:
    """Variables that must have a value. Raises SettingsError that names all that have none."""
    values = {name: os.environ.get(name, "") for name in names}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise SettingsError(f"environment variables are missing: {', '.join(missing)}")
    return values


def optional(name: str, default: str = "") -> str:
    """A variable, or what stands for it; an empty one counts as absent."""
    return os.environ.get(name) or default


@functools.cache
def client(service: str, read_timeout: int = 60, attempts: int = 8) -> Any:
    """The process's client of a service. Throttled and broken calls are tried again, with growing pauses."""
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(retries=retries, connect_timeout=5, read_timeout=read_timeout)
    return boto3.session.Session().client(service, config=config)


def error_code(error: ClientError) -> str:
    """The service's name for what went wrong, such as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_text(error: ClientError) -> str:
    """The service's words for what went wrong."""
    return str(error.response.get("Error", {}).get("Message", ""))
