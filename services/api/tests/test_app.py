import json
from pathlib import Path

import httpx
import pytest

from app.limits import MAX_BODY_BYTES
from app.main import create_app
from app.registry import open_list
from app.settings import SHIPPED_MODELS, Settings

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


def client(predict: Predict, registry: Path = SHIPPED_MODELS) -> httpx.AsyncClient:
    models = open_list(str(registry), SHIPPED_MODELS)
    app = create_app(Settings("http://predict:8001", models, 1.0), httpx.MockTransport(predict))
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


async def test_predict_carries_the_id_of_the_request() -> None:
    predict = answering()
    async with client(predict) as api:
        await api.post("/predict", json={}, headers={"x-request-id": "r-7"})
        assigned = (await api.get("/ready")).headers["x-request-id"]
    assert [sent.headers["x-request-id"] for sent in predict.requests] == ["r-7", assigned]


async def test_models_say_what_is_known_of_them_and_nothing_else(tmp_path: Path) -> None:
    registry = tmp_path / "models.json"
    models = [
        {"name": "a", "version": "1", "status": "serving", "stage": "prod", "weight": 90, "metrics": {"rmse": 1.5}},
        {"name": "a", "version": "2", "status": "approved"},
    ]
    registry.write_text(json.dumps(models))
    async with client(answering(), registry) as api:
        assert (await api.get("/models")).json() == models


@pytest.mark.parametrize("wrong", [{"weight": 101}, {"weight": -1}, {"stage": "moon"}, {"metrics": {"rmse": "low"}}])
async def test_models_refuse_what_cannot_be(tmp_path: Path, wrong: dict) -> None:
    registry = tmp_path / "models.json"
    registry.write_text(json.dumps([{"name": "a", "version": "1", "status": "serving", **wrong}]))
    async with client(answering(), registry) as api:
        assert (await api.get("/models")).status_code == 503


async def test_status_tells_what_answers_and_how_it_went() -> None:
    predict = Predict(httpx.Response(200, headers={"x-model-version": "housing/1.0.0"}))
    async with client(predict) as api:
        await api.post("/predict", json={})
        predict.answer = httpx.Response(503)
        await api.post("/predict", json={})
        predict.answer = httpx.ConnectError("refused")
        await api.post("/predict", json={})
        predict.answer = httpx.Response(200, headers={"x-model-version": "housing/1.1.0"})
        status = (await api.get("/status")).json()
    assert status == {
        "environment": "local",
        "predict": "ready",
        "model": "housing/1.1.0",
        "traffic": {
            "requests": 3,
            "errors": 2,
            "error_rate": pytest.approx(2 / 3),
            "models": [{"model": "housing/1.0.0", "requests": 1, "errors": 0, "share": 1.0}],
        },
    }


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(503), "predict answers 503"),
        (httpx.ConnectError("refused"), "predict cannot be reached"),
        (httpx.ReadTimeout("slow"), "predict did not answer in time"),
    ],
)
async def test_status_says_why_predict_is_not_ready(answer: httpx.Response | Exception, says: str) -> None:
    async with client(Predict(answer)) as api:
        response = await api.get("/status")
    assert (response.status_code, response.json()["predict"], response.json()["model"]) == (200, says, None)
