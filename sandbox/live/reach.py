"""Ways between accounts that MiniStack 1.5.33 leaves out.

In AWS the host name of an API leads to it, whatever account the caller has, if any. MiniStack looks for an API among
those of the caller's account alone, and who only fetches an address has none. And a rule in AWS may hand events on to
a bus of another account, which MiniStack takes as a target and never reaches. Whether that account lets them in, as its
bus's policy says, is not looked at.
"""

from __future__ import annotations

from typing import Any


def find_apis_by_id(apigateway: Any) -> None:
    """Let the id of an API be enough to find it."""

    def find_api_scope(api_id: str) -> tuple[str, str] | None:
        for (account, region, stored), _ in apigateway._apis.all_items():
            if stored == api_id:
                return account, region
        return None

    apigateway.find_api_scope = find_api_scope


def hand_on_to_accounts(eventbridge: Any, request_scope: Any) -> None:
    """Let a bus of another account be the target of a rule."""
    deliver = eventbridge._dispatch_to_event_bus

    def dispatch_to_event_bus(bus: Any, *event: Any, **more: Any) -> None:
        with request_scope(bus.account_id, bus.region):
            deliver(bus, *event, **more)

    eventbridge._dispatch_to_event_bus = dispatch_to_event_bus


def reach_accounts() -> None:
    """Change MiniStack in this process; before it serves."""
    from ministack.core.responses import request_scope  # type: ignore[import-untyped,unused-ignore]
    from ministack.services import apigateway, eventbridge

    find_apis_by_id(apigateway)
    hand_on_to_accounts(eventbridge, request_scope)
