"""Looks at a new version before and after it takes traffic, and tells CodeDeploy."""

from __future__ import annotations

from typing import Any

from modelkit.cloud.hook import run


def handler(event: Any, context: object) -> dict[str, str]:
    """Entry point of the function."""
    return run(event)
