"""HTTP face of the platform: uvicorn app.main:app --port 8000"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

import httpx
from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from .logs import configure_logs
from .registry import RegisteredModel, RegistryError, read_registry
from .settings import Settings, load_settings

# A proxy hands on what describes the answer, not what describes the connection it came over.
FORWARDED_HEADERS = ("content-type", "x-model-version")
MAX_BODY_BYTES = 1_048_576


class Metrics:
    """Counts and durations by route; routes are templates, so that a caller cannot make new series."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["route", "method", "status"]
        self.requests = Counter("http_requests", "Requests answered", labels, registry=self.registry)
        self.seconds = Histogram("http_request_seconds", "Time to answer", ["route"], registry=self.registry)


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The application. Tests give a transport that stands for the predict service."""
    metrics = Metrics()
    logger = configure_logs()
    predict_client = httpx.AsyncClient(
        base_url=settings.predict_url, timeout=settings.timeout_seconds, transport=transport, trust_env=False
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with predict_client:
            yield

    app = FastAPI(title="Slipway API", lifespan=lifespan)

    @app.middleware("http")
    async def observe(request: Request, call_next):  # type: ignore[no-untyped-def]
        start = perf_counter()
        response: Response = await call_next(request)
        seconds = perf_counter() - start
        matched = request.scope.get("route")
        route = matched.path if matched is not None else "unmatched"
        metrics.requests.labels(route, request.method, response.status_code).inc()
        metrics.seconds.labels(route).observe(seconds)
        fields = {"route": route, "method": request.method, "status": response.status_code, "seconds": round(seconds, 6)}
        logger.info("request", extra={"fields": fields})
        return response

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        upstream = await _ask(predict_client, "GET", "/health")
        if upstream.status_code != 200:
            raise HTTPException(503, f"predict answers {upstream.status_code}")
        return {"status": "ready"}

    @app.get("/models")
    def models() -> list[RegisteredModel]:
        try:
            return read_registry(settings.registry)
        except RegistryError as error:
            raise HTTPException(503, str(error)) from error

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        body = await _limited_body(request)
        upstream = await _ask(predict_client, "POST", "/predict", body)
        headers = {name: upstream.headers[name] for name in FORWARDED_HEADERS if name in upstream.headers}
        return Response(upstream.content, upstream.status_code, headers)

    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


async def _limited_body(request: Request) -> bytes:
    """The body, refused as soon as it is too large whatever its declared length says."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"at most {MAX_BODY_BYTES} bytes")
    return bytes(body)


async def _ask(client: httpx.AsyncClient, method: str, path: str, body: bytes | None = None) -> httpx.Response:
    try:
        return await client.request(method, path, content=body, headers={"content-type": "application/json"})
    except httpx.TimeoutException as error:
        raise HTTPException(504, "predict did not answer in time") from error
    except httpx.TransportError as error:
        raise HTTPException(502, "predict cannot be reached") from error


app = create_app(load_settings())
