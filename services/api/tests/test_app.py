import json
from pathlib import Path

import httpx
import pytest

from app.limits import MAX_BODY_BYTES
from app.main import create_app
from app.settings import DEFAULT_REGISTRY, Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Predict:
    """Stands for the predict service: answers what it is told to and keeps what it was asked."""

    def __init__(self, answer: httpx.Response | Exception) -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def client(predict: Predict, registry: Path = DEFAULT_REGISTRY) -> httpx.AsyncClient:
    app = create_app(Settings("http://predict:8001", registry, 1.0), httpx.MockTransport(predict))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")


def answering(status: int = 200, **content) -> Predict:
    return Predict(httpx.Response(status, **content))


async def test_health_does_not_depend_on_predict() -> None:
    predict = Predict(httpx.ConnectError("refused"))
    async with client(predict) as api:
        assert (await api.get("/health")).json() == {"status": "ok", "environment": "local"}
    assert predict.requests == []


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (httpx.Response(200), 200, {"status": "ready"}),
        (httpx.Response(503), 503, {"detail": "predict answers 503"}),
        (httpx.ConnectError("refused"), 502, {"detail": "predict cannot be reached"}),
        (httpx.ReadTimeout("slow"), 504, {"detail": "predict did not answer in time"}),
    ],
)
async def test_ready_when_predict_is_healthy(answer: httpx.Response | Exception, status: int, body: dict) -> None:
    async with client(Predict(answer)) as api:
        response = await api.get("/ready")
    assert (response.status_code, response.json()) == (status, body)


@pytest.mark.parametrize("status", [200, 422, 503])
async def test_predict_hands_on_question_and_answer(status: int) -> None:
    predict = answering(
        status, json={"predictions": [1.5]}, headers={"x-model-version": "housing/1.0.0", "server": "u"}
    )
    async with client(predict) as api:
        response = await api.post("/predict", json={"rows": [{"area": 1}]})
    assert (response.status_code, response.json()) == (status, {"predictions": [1.5]})
    assert response.headers["x-model-version"] == "housing/1.0.0"
    assert "server" not in response.headers
    assert [(sent.method, str(sent.url), json.loads(sent.content)) for sent in predict.requests] == [
        ("POST", "http://predict:8001/predict", {"rows": [{"area": 1}]})
    ]


async def test_predict_refuses_a_body_that_is_too_large() -> None:
    predict = answering()
    async with client(predict) as api:
        response = await api.post("/predict", content=b"x" * (MAX_BODY_BYTES + 1))
    assert (response.status_code, predict.requests) == (413, [])


async def test_models_are_sorted_by_name_and_version(tmp_path: Path) -> None:
    registry = tmp_path / "models.json"
    models = [
        {"name": name, "version": version, "status": "approved"}
        for name, version in [("b", "1"), ("a", "2"), ("a", "1")]
    ]
    registry.write_text(json.dumps(models))
    async with client(answering(), registry) as api:
        assert [(model["name"], model["version"]) for model in (await api.get("/models")).json()] == [
            ("a", "1"),
            ("a", "2"),
            ("b", "1"),
        ]


@pytest.mark.parametrize("content", [None, "", "{}", '[{"name": "a"}]'])
async def test_models_say_when_the_registry_is_unreadable(tmp_path: Path, content: str | None) -> None:
    registry = tmp_path / "models.json"
    if content is not None:
        registry.write_text(content)
    async with client(answering(), registry) as api:
        response = await api.get("/models")
    assert (response.status_code, response.json()) == (503, {"detail": "the model registry models.json cannot be read"})


async def test_metrics_count_by_route_and_never_by_path() -> None:
    async with client(answering()) as api:
        await api.get("/health")
        await api.get("/nothing/here")
        text = (await api.get("/metrics")).text
    assert 'http_requests_total{method="GET",route="/health",status="200"} 1.0' in text
    assert 'http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert "/nothing" not in text
