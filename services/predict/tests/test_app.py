import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest

from app.main import DEFAULT_MODEL, create_app

pytestmark = pytest.mark.anyio
ROW = {"area": 100, "bathrooms": 1, "bedrooms": 2, "age": 10}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(path)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://predict") as client,
    ):
        yield client


async def health_when(client: httpx.AsyncClient, ready) -> httpx.Response:
    """The first answer of /health that satisfies the condition, as a probe would see it."""
    end = monotonic() + 10
    while not ready(response := await client.get("/health")):
        assert monotonic() < end, response.text
        await asyncio.sleep(0)
    return response


async def test_predicts_a_batch_and_names_the_model() -> None:
    async with running(DEFAULT_MODEL) as client:
        await health_when(client, lambda response: response.status_code == 200)
        response = await client.post("/predict", json={"rows": [ROW, {**ROW, "age": 0}]})
        assert response.status_code == 200
        assert response.json() == {"predictions": [184847.5, 188350.0]}
        assert response.headers["x-model-version"] == "housing/1.0.0"
        assert "predict_rows_total 2.0" in (await client.get("/metrics")).text


async def test_is_unhealthy_until_the_model_is_loaded() -> None:
    transport = httpx.ASGITransport(app=create_app(DEFAULT_MODEL))
    async with httpx.AsyncClient(transport=transport, base_url="http://predict") as client:
        for response in [await client.get("/health"), await client.post("/predict", json={"rows": [ROW]})]:
            assert (response.status_code, response.json()) == (503, {"detail": "the model is not loaded yet"})
            assert "x-model-version" not in response.headers


async def test_stays_up_and_says_why_when_the_artefact_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text("{")
    async with running(path) as client:
        response = await health_when(client, lambda response: "not a valid model" in response.text)
        assert response.status_code == 503


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"rows": [ROW, {"area": 1}]},
            "row 1: feature age is missing; feature bathrooms is missing; feature bedrooms is missing",
        ),
        ({"rows": [{**ROW, "colour": 1}]}, "row 0: feature colour is unknown"),
        ({"rows": []}, None),
        ({"rows": [ROW] * 1001}, None),
        ({"rows": [{"area": "wide"}]}, None),
        ({"rows": [ROW], "model": "other"}, None),
    ],
)
async def test_refuses_rows_it_cannot_predict(body: dict, detail: str | None) -> None:
    async with running(DEFAULT_MODEL) as client:
        await health_when(client, lambda response: response.status_code == 200)
        response = await client.post("/predict", json=body)
        assert response.status_code == 422
        if detail is not None:
            assert response.json() == {"detail": detail}
