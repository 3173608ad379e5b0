import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest

from app.limits import MAX_BODY_BYTES
from app.settings import SHIPPED_MODEL

from .models import application

pytestmark = pytest.mark.anyio
ROW = {"area": 100, "bathrooms": 1, "bedrooms": 2, "age": 10}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = application(path)
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
    async with running(SHIPPED_MODEL) as client:
        await health_when(client, lambda response: response.status_code == 200)
        response = await client.post("/predict", json={"rows": [ROW, {**ROW, "age": 0}]})
        assert response.status_code == 200
        assert response.json() == {"predictions": [184847.5, 188350.0]}
        assert response.headers["x-model-version"] == "housing/1.0.0"
        assert "predict_rows_total 2.0" in (await client.get("/metrics")).text


async def test_is_unhealthy_until_the_model_is_loaded() -> None:
    transport = httpx.ASGITransport(app=application(SHIPPED_MODEL))
    async with httpx.AsyncClient(transport=transport, base_url="http://predict") as client:
        asked = [client.get("/health"), client.get("/ready"), client.post("/predict", json={"rows": [ROW]})]
        for response in [await one for one in asked]:
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
        ({"rows": [ROW, {**ROW, "area": 1e308}]}, "row 1: the values are too large"),
        ({"rows": []}, None),
        ({"rows": [ROW] * 1001}, None),
        (
            {"rows": [{"area": "wide"}]},
            "body.rows.0.area: Input should be a valid number, unable to parse string as a number",
        ),
        ({"rows": [ROW], "model": "other"}, None),
    ],
)
async def test_refuses_rows_it_cannot_predict(body: dict, detail: str | None) -> None:
    async with running(SHIPPED_MODEL) as client:
        await health_when(client, lambda response: response.status_code == 200)
        response = await client.post("/predict", json=body)
        assert response.status_code == 422
        if detail is not None:
            assert response.json() == {"detail": detail}


async def test_says_what_it_serves_and_where() -> None:
    app = application(SHIPPED_MODEL, "staging")
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://p") as client:
        await health_when(client, lambda response: response.status_code == 200)
        expected = {"environment": "staging", "model": "housing", "version": "1.0.0"}
        for path, status in [("/health", "ok"), ("/ready", "ready")]:
            assert (await client.get(path)).json() == {"status": status, **expected}


async def test_metrics_count_by_route_and_never_by_path() -> None:
    async with running(SHIPPED_MODEL) as client:
        await health_when(client, lambda response: response.status_code == 200)
        await client.post("/predict", json={})
        await client.get("/nothing/here")
        text = (await client.get("/metrics")).text
    assert 'http_requests_total{method="POST",route="/predict",status="422"} 1.0' in text
    assert 'http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert "/nothing" not in text


async def test_refuses_a_body_that_is_too_large() -> None:
    async with running(SHIPPED_MODEL) as client:
        response = await client.post("/predict", content=b"[" * (MAX_BODY_BYTES + 1))
    assert (response.status_code, response.json()) == (413, {"detail": f"at most {MAX_BODY_BYTES} bytes"})
