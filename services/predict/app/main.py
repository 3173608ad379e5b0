"""HTTP face of the model: uvicorn app.main:app --port 8001"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from .model import LinearModel, ModelError, load_model

DEFAULT_MODEL = Path(__file__).parent.parent / "model.json"


class Batch(BaseModel):
    """Rows to predict, each a map from feature to value."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[dict[str, FiniteFloat]], Field(min_length=1, max_length=1000)]


class Predictions(BaseModel):
    """One prediction per row, in the order of the rows."""

    predictions: list[float]


class Served:
    """The model of this process: absent until it is loaded, and for good where the artefact is broken."""

    def __init__(self) -> None:
        self.model: LinearModel | None = None
        self.problem = "the model is not loaded yet"

    def load(self, path: Path) -> None:
        try:
            self.model = load_model(path)
        except ModelError as error:
            self.problem = str(error)

    def require(self) -> LinearModel:
        if self.model is None:
            raise HTTPException(503, self.problem)
        return self.model


def create_app(model_path: Path) -> FastAPI:
    """The application around one artefact. It starts without the model and reports itself unhealthy until it is there."""
    served = Served()
    registry = CollectorRegistry()
    rows_total = Counter("predict_rows", "Rows predicted", registry=registry)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(asyncio.to_thread(served.load, model_path))
        yield
        await loading

    app = FastAPI(title="Slipway predict", lifespan=lifespan)

    @app.middleware("http")
    async def version_header(request: Request, call_next):  # type: ignore[no-untyped-def]
        response: Response = await call_next(request)
        if served.model is not None:
            response.headers["x-model-version"] = f"{served.model.name}/{served.model.version}"
        return response

    @app.get("/health")
    def health() -> dict[str, str]:
        model = served.require()
        return {"status": "ok", "model": model.name, "version": model.version}

    @app.post("/predict")
    def predict(batch: Batch) -> Predictions:
        model = served.require()
        for index, row in enumerate(batch.rows):
            if problems := model.problems(row):
                raise HTTPException(422, f"row {index}: {'; '.join(problems)}")
        rows_total.inc(len(batch.rows))
        return Predictions(predictions=[model.predict(row) for row in batch.rows])

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


app = create_app(Path(os.environ.get("MODEL_PATH", DEFAULT_MODEL)))
