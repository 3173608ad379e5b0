"""What every request leaves behind: a count, a duration, a log line and an id that goes on to the next service."""

from __future__ import annotations

import re
from logging import Logger
from time import perf_counter
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "x-request-id"
# What a caller sends ends up in logs: nothing that could break a line, and nothing longer than an id needs to be.
_acceptable_id = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Metrics:
    """Counts and durations by route; routes are templates, so that a caller cannot make new series."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["route", "method", "status"]
        self.requests = Counter("http_requests", "Requests answered", labels, registry=self.registry)
        self.seconds = Histogram("http_request_seconds", "Time to answer", ["route"], registry=self.registry)


class Observe:
    """ASGI middleware around everything else. What nobody handles is answered, logged and counted as a 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics, logger: Logger) -> None:
        self.app = app
        self.metrics = metrics
        self.logger = logger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; other kinds of scope pass through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        start, status = perf_counter(), 0

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self.app(scope, receive, observed_send)
        except Exception:
            self.logger.exception("unhandled exception", extra={"fields": {"request_id": request_id}})
            if status:
                raise
            await JSONResponse({"detail": "internal error"}, 500)(scope, receive, observed_send)
        finally:
            self._record(scope, request_id, status or 500, perf_counter() - start)

    def _record(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        matched = scope.get("route")
        route = matched.path if matched is not None else "unmatched"
        method = scope["method"]
        self.metrics.requests.labels(route, method, status).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        fields = {
            "request_id": request_id,
            "route": route,
            "method": method,
            "status": status,
            "seconds": round(seconds, 6),
        }
        self.logger.info("request", extra={"fields": fields})


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID, "")
    return given if _acceptable_id.fullmatch(given) else uuid4().hex
