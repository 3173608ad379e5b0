"""Registers the candidate in the staging database."""

from __future__ import annotations

from typing import Any

from lakehouse.runtime import clients, reporting, run_of
from lakehouse.state_publish import Lake
from lakehouse.state_steps import stage


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Entry point of the function."""
    return stage(Lake.of(run_of(event), clients(), reporting()))
