"""Makes the candidate the published state."""

from __future__ import annotations

from typing import Any

from lakehouse.runtime import clients, reporting, run_of
from lakehouse.state_publish import Lake, publish


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Entry point of the function."""
    lake = Lake.of(run_of(event), clients(), reporting())
    report = publish(lake)
    return {"runId": report["runId"], "mode": report["mode"], "outcome": report["outcome"], "report": lake.report}
