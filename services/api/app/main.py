"""HTTP face of the platform: uvicorn app.main:app --port 8000"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from .limits import LimitBody
from .logs import configure_logs
from .observe import Metrics, Observe
from .registry import RegisteredModel, RegistryError, read_registry
from .settings import Settings, load_settings
from .traffic import Traffic, TrafficWindow
from .upstream import Upstream

# A proxy hands on what describes the answer, not what describes the connection it came over.
FORWARDED_HEADERS = ("content-type", "x-model-version")


class Problem(BaseModel):
    """Why a request was not answered as asked."""

    detail: str


class Health(BaseModel):
    """The process runs."""

    status: str
    environment: str


class Ready(BaseModel):
    """Requests can be answered."""

    status: str


class Status(BaseModel):
    """What serves right now, as this replica sees it."""

    environment: str
    predict: str
    """`ready`, or why it is not."""
    model: str | None
    """`name/version` of the model that answered this very question."""
    traffic: Traffic


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers beside the good one, for the API's description."""
    return {status: {"model": Problem} for status in statuses}


def request_id(request: Request) -> str:
    """The id that the request came with or was given."""
    return str(request.state.request_id)


RequestId = Annotated[str, Depends(request_id)]


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The application. Tests give a transport that stands for the predict service."""
    upstream = Upstream(settings.predict_url, settings.timeout_seconds, transport)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with upstream.client:
            yield

    app = FastAPI(title="Slipway API", version="1.0.0", lifespan=lifespan)
    metrics = Metrics()
    app.add_middleware(LimitBody)
    app.add_middleware(Observe, metrics=metrics, logger=configure_logs("api", settings.environment))
    add_probes(app, settings, upstream)
    add_models(app, settings, upstream)

    @app.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


def add_probes(app: FastAPI, settings: Settings, upstream: Upstream) -> None:
    """What the cluster asks."""

    @app.get("/health")
    def health() -> Health:
        return Health(status="ok", environment=settings.environment)

    @app.get("/ready", responses=problems(502, 503, 504))
    async def ready(request_id: RequestId) -> Ready:
        answer = await upstream.ask("GET", "/health", request_id)
        if answer.status_code != 200:
            raise HTTPException(503, f"predict answers {answer.status_code}")
        return Ready(status="ready")


def add_models(app: FastAPI, settings: Settings, upstream: Upstream) -> None:
    """What people and programs ask."""
    traffic = TrafficWindow()

    @app.get("/models", responses=problems(503), response_model_exclude_none=True)
    def models() -> list[RegisteredModel]:
        try:
            return read_registry(settings.registry)
        except RegistryError as error:
            raise HTTPException(503, str(error)) from error

    @app.get("/status")
    async def status(request_id: RequestId) -> Status:
        """Never an error: what cannot be reached is the answer."""
        try:
            answer = await upstream.ask("GET", "/health", request_id)
            model = answer.headers.get("x-model-version")
            predict = "ready" if answer.status_code == 200 else f"predict answers {answer.status_code}"
        except HTTPException as problem:
            model, predict = None, problem.detail
        return Status(environment=settings.environment, predict=predict, model=model, traffic=traffic.summary())

    @app.post("/predict", responses=problems(408, 413, 422, 502, 503, 504))
    async def predict(request: Request, request_id: RequestId) -> Response:
        body = await request.body()
        try:
            answer = await upstream.ask("POST", "/predict", request_id, body)
        except HTTPException as problem:
            traffic.add(problem.status_code, None)
            raise
        traffic.add(answer.status_code, answer.headers.get("x-model-version"))
        headers = {name: answer.headers[name] for name in FORWARDED_HEADERS if name in answer.headers}
        return Response(answer.content, answer.status_code, headers)


app = create_app(load_settings())
