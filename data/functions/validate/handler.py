"""Looks at what was delivered and plans the run."""

from __future__ import annotations

from typing import Any

from lakehouse.runtime import clients, reporting, run_of
from lakehouse.state_publish import Lake
from lakehouse.state_steps import begin


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Entry point of the function."""
    return begin(Lake.of(run_of(event), clients(), reporting()))
