"""Keeps the registry's mirror and the endpoint in step with the package group."""

from __future__ import annotations

from typing import Any

from modelkit.cloud.deployment import deploy, surroundings


def handler(event: Any, context: object) -> dict[str, Any]:
    """Entry point of the function."""
    return deploy(event, surroundings())
