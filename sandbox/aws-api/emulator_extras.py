"""Two things that MiniStack leaves out and that traffic shifts and model packages need.

An alias's routing weights count when it is invoked, and a service of the sandbox may put events with a source of
`aws.*`, as AWS's own services do.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

EMITTER_HEADER = "x-slipway-emitter"

Record = dict[str, Any]


class Balance:
    """Turns of each alias: of any hundred calls in a row, a version with the weight 0.1 gets exactly ten."""

    def __init__(self) -> None:
        self._gained: dict[str, tuple[Mapping[str, float], dict[str, float]]] = {}
        self._lock = threading.Lock()

    def next(self, alias: Mapping[str, Any]) -> str:
        """The version that answers now."""
        first = str(alias.get("FunctionVersion", "$LATEST"))
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        if not weights:
            return first
        shares = {first: max(0.0, 1 - sum(weights.values())), **weights}
        with self._lock:
            known, gained = self._gained.get(alias["AliasArn"], ({}, {}))
            if known != shares:
                gained = dict.fromkeys(shares, 0.0)
            for version, share in shares.items():
                gained[version] += share
            chosen = max(gained, key=lambda version: round(gained[version], 9))
            gained[chosen] -= 1
            self._gained[alias["AliasArn"]] = (shares, gained)
        return chosen


def weigh_aliases(lambda_svc: Any, balance: Balance) -> None:
    """Let invocations by the API, and those by events and gateways, choose a version by the weights of the alias."""
    invoke = lambda_svc._invoke
    find = lambda_svc._get_func_record_for_ref
    resolve = lambda_svc._effective_func_record_for_qualifier
    # Who only reads an alias sees its first version.
    calling = ContextVar("calling", default=False)

    def weighted(function: Record | None, qualifier: str | None) -> str | None:
        alias = (function or {}).get("aliases", {}).get(qualifier) if qualifier else None
        if alias is None or not alias.get("RoutingConfig"):
            return qualifier
        chosen = balance.next(alias)
        # The alias itself leads to its first version, and the function sees by which name it was called.
        return qualifier if chosen == alias["FunctionVersion"] else chosen

    async def weighted_invoke(
        name: str,
        event: Any,
        headers: Mapping[str, str],
        path_qualifier: str | None = None,
        query_params: Mapping[str, Any] | None = None,
    ) -> Any:
        given = path_qualifier or lambda_svc._qp_first(query_params or {}, "Qualifier") or None
        chosen = weighted(lambda_svc._functions.get(name), given)
        return await invoke(name, event, headers, chosen, query_params)

    def weighted_find(reference: str) -> Any:
        token = calling.set(True)
        try:
            return find(reference)
        finally:
            calling.reset(token)

    def weighted_resolve(function: Record | None, qualifier: str | None) -> Any:
        return resolve(function, weighted(function, qualifier) if calling.get() else qualifier)

    lambda_svc._invoke = weighted_invoke
    lambda_svc._get_func_record_for_ref = weighted_find
    lambda_svc._effective_func_record_for_qualifier = weighted_resolve


def let_services_emit(eventbridge: Any) -> None:
    """Take events with a source of `aws.*` from requests that say which service puts them."""
    handle = eventbridge.handle_request
    put = eventbridge._put_events

    async def handle_request(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:
        if headers.get(EMITTER_HEADER) is None:
            return await handle(method, path, headers, body, query)
        # The handler looks the function up by its name for each request, and nothing waits between here and there.
        eventbridge._put_events = lambda data, allow_aws_source=True: put(data, allow_aws_source=True)
        try:
            return await handle(method, path, headers, body, query)
        finally:
            eventbridge._put_events = put

    eventbridge.handle_request = handle_request


def extend() -> None:
    """Change MiniStack in this process; before it serves."""
    from ministack.services import eventbridge, lambda_svc  # type: ignore[import-untyped,unused-ignore]

    weigh_aliases(lambda_svc, Balance())
    let_services_emit(eventbridge)


if __name__ == "__main__":
    from ministack.app import main  # type: ignore[import-untyped,unused-ignore]

    extend()
    main()
