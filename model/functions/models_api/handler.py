"""Answers GET /models and POST /predict."""

from __future__ import annotations

from typing import Any

from modelkit.cloud.api import respond


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Entry point of the function."""
    return respond(event)
