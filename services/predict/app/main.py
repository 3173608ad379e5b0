"""HTTP face of the model: uvicorn app.main:app --port 8001"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from logging import Logger
from pathlib import Path
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
from .model import LinearModel, ModelError, UnpredictableError, load_model
from .observe import Metrics, Observe

# A batch of a thousand rows can be wrong in thousands of places.
SHOWN_ISSUES = 5
SHOWN_LENGTH = 1000
DEFAULT_MODEL = Path(__file__).parent.parent / "model.json"


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


class Served:
    """The model of this process: absent until it is loaded, and for good where the artefact is broken."""

    def __init__(self, logger: Logger) -> None:
        self.model: LinearModel | None = None
        self.problem = "the model is not loaded yet"
        self.logger = logger

    def load(self, path: Path) -> None:
        """Reads the artefact; a broken one becomes the reason that probes are told."""
        try:
            self.model = load_model(path)
            self.logger.info("model loaded", extra={"fields": {"model": self.model.label}})
        except ModelError as error:
            self.problem = str(error)
            self.logger.error("model not loaded", extra={"fields": {"reason": self.problem}})

    def require(self) -> LinearModel:
        """The model. Raises HTTPException 503 with the reason where there is none."""
        if self.model is None:
            raise HTTPException(503, self.problem)
        return self.model


class NameModel:
    """ASGI middleware that names the model in every answer, once there is one."""

    def __init__(self, app: ASGIApp, served: Served) -> None:
        self.app = app
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def named_send(message: Message) -> None:
            if message["type"] == "http.response.start" and self.served.model is not None:
                MutableHeaders(scope=message)["x-model-version"] = self.served.model.label
            await send(message)

        await self.app(scope, receive, named_send)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers beside the good one, for the API's description."""
    return {status: {"model": Problem} for status in statuses}


def create_app(model_path: Path, environment: str = "local") -> FastAPI:
    """The application around one artefact. It starts without the model and is unhealthy until that is there."""
    logger = configure_logs("predict", environment)
    served = Served(logger)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(asyncio.to_thread(served.load, model_path))
        yield
        await loading

    app = FastAPI(title="Slipway predict", version="1.0.0", lifespan=lifespan)
    metrics = Metrics()
    app.add_exception_handler(RequestValidationError, explain_invalid)
    app.add_middleware(LimitBody)
    app.add_middleware(NameModel, served=served)
    app.add_middleware(Observe, metrics=metrics, logger=logger)
    add_routes(app, served, metrics, environment)
    return app


def add_routes(app: FastAPI, served: Served, metrics: Metrics, environment: str) -> None:
    """Probes, predictions and metrics."""
    rows_total = Counter("predict_rows", "Rows predicted", registry=metrics.registry)

    def serving(status: str) -> Serving:
        model = served.require()
        return Serving(status=status, environment=environment, model=model.name, version=model.version)

    @app.get("/health", responses=problems(503))
    def health() -> Serving:
        return serving("ok")

    @app.get("/ready", responses=problems(503))
    def ready() -> Serving:
        return serving("ready")

    @app.post("/predict", responses=problems(400, 408, 413, 422, 503))
    def predict(batch: Batch) -> Predictions:
        model = served.require()
        predictions = [predict_row(model, index, row) for index, row in enumerate(batch.rows)]
        rows_total.inc(len(predictions))
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


def predict_row(model: LinearModel, index: int, row: dict[str, float]) -> float:
    """One prediction. Raises HTTPException 422 that names the row and says what is wrong with it."""
    if wrong := model.problems(row):
        raise HTTPException(422, printable(f"row {index}: {'; '.join(wrong)}"))
    try:
        return model.predict(row)
    except UnpredictableError as error:
        raise HTTPException(422, f"row {index}: {error}") from error


app = create_app(Path(os.environ.get("MODEL_PATH", DEFAULT_MODEL)), os.environ.get("ENVIRONMENT", "local"))
