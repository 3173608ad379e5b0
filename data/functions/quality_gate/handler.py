"""Decides whether the candidate may be published."""

from __future__ import annotations

from typing import Any

from lakehouse.runtime import clients, reporting, run_of
from lakehouse.state_publish import Lake
from lakehouse.state_steps import gate


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Entry point of the function."""
    return gate(Lake.of(run_of(event), clients(), reporting()))
