"""HTTP face of the model: uvicorn app.main:app --port 8001"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import LimitBody
from .logs import configure_logs
from .model import Model, UnpredictableError, label, problems
from .observe import Metrics, Observe
from .serving import Served
from .settings import Settings, load_settings

# A batch of a thousand rows can be wrong in thousands of places.
SHOWN_ISSUES = 5
SHOWN_LENGTH = 1000
# SageMaker hands on no header of a container's answer but this one.
MODEL_HEADERS = ("x-model-version", "x-amzn-sagemaker-custom-attributes")


class Batch(BaseModel):
    """Rows to predict, each a map from feature to value."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[dict[str, FiniteFloat]], Field(min_length=1, max_length=1000)]


class Predictions(BaseModel):
    """One prediction per row, in the order of the rows."""

    predictions: list[float]


class Serving(BaseModel):
    """The model that answers."""

    status: str
    environment: str
    model: str
    version: str


class Problem(BaseModel):
    """Why a request was not answered as asked."""

    detail: str


class NameModel:
    """ASGI middleware that names the model in every answer, once there is one."""

    def __init__(self, app: ASGIApp, served: Served) -> None:
        self.app = app
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def named_send(message: Message) -> None:
            if message["type"] == "http.response.start" and self.served.model is not None:
                for header in MODEL_HEADERS:
                    # What predicted has said so itself: another model may have come meanwhile.
                    MutableHeaders(scope=message).setdefault(header, label(self.served.model))
            await send(message)

        await self.app(scope, receive, named_send)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers beside the good one, for the API's description."""
    return {status: {"model": Problem} for status in statuses}


def create_app(settings: Settings) -> FastAPI:
    """The application. It starts without the model and is unhealthy until that is there."""
    logger = configure_logs("predict", settings.environment)
    metrics = Metrics()
    failures = Counter("model_load_failures", "Models that could not be loaded", registry=metrics.registry)
    served = Served(settings.source, logger, failures.inc)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        keeping = asyncio.create_task(served.keep_fresh(settings.refresh_seconds))
        yield
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping

    app = FastAPI(title="Slipway predict", version="1.0.0", lifespan=lifespan)
    app.add_exception_handler(RequestValidationError, explain_invalid)
    app.add_middleware(LimitBody)
    app.add_middleware(NameModel, served=served)
    app.add_middleware(Observe, metrics=metrics, logger=logger)
    add_routes(app, served, metrics, settings.environment)
    return app


def add_routes(app: FastAPI, served: Served, metrics: Metrics, environment: str) -> None:
    """Probes, predictions and metrics."""
    rows_total = Counter("predict_rows", "Rows predicted", registry=metrics.registry)

    def serving(status: str) -> Serving:
        model = served.require()
        return Serving(status=status, environment=environment, model=model.name, version=model.version)

    @app.get("/health", responses=answers(503))
    @app.get("/ping", include_in_schema=False)
    def health() -> Serving:
        return serving("ok")

    @app.get("/ready", responses=answers(503))
    def ready() -> Serving:
        return serving("ready")

    # Twice: what services ask, and what SageMaker asks of the containers behind its endpoints.
    @app.post("/predict", responses=answers(400, 408, 413, 422, 503))
    @app.post("/invocations", include_in_schema=False)
    def predict(batch: Batch, response: Response) -> Predictions:
        model = served.require()
        predictions = predict_rows(model, batch.rows)
        rows_total.inc(len(predictions))
        response.headers.update(dict.fromkeys(MODEL_HEADERS, label(model)))
        return Predictions(predictions=predictions)

    @app.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


async def explain_invalid(_: Request, error: Exception) -> JSONResponse:
    """422 with what is wrong where. FastAPI's own answer repeats the document, and NaN in it would make that a 500."""
    assert isinstance(error, RequestValidationError)
    sentences = [f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}" for issue in error.errors()[:SHOWN_ISSUES]]
    return JSONResponse({"detail": printable("; ".join(sentences))}, 422)


def printable(text: str) -> str:
    """A text with a caller's words in it, fit for an answer: not endless, and without halves of characters."""
    return text[:SHOWN_LENGTH].encode("utf-8", "replace").decode()


def predict_rows(model: Model, rows: list[dict[str, float]]) -> list[float]:
    """The predictions. Raises HTTPException 422 that names the first wrong row and says what is wrong with it."""
    for index, row in enumerate(rows):
        if wrong := problems(model, row):
            raise HTTPException(422, printable(f"row {index}: {'; '.join(wrong)}"))
    try:
        return model.predict(rows)
    except UnpredictableError as error:
        raise HTTPException(422, f"row {error.row}: {error}") from error


app = create_app(load_settings())
