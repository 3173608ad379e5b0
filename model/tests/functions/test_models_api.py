"""GET /models, and what every answer has in common."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from api_calls import Predictor, call, event
from fake_sagemaker import GROUP
from functions.models_api.handler import handler
from model_world import World

from modelkit.cloud import api

INDEX = [{"name": "housing", "version": "2", "status": "serving", "metrics": {"r2": 0.8}}]


def test_the_list_is_the_registry_s(registry: World) -> None:
    registry.put(registry.models, f"registry/{GROUP}/index.json", json.dumps(INDEX).encode())
    status, body, headers = call("GET", "/models")
    assert (status, body) == (200, INDEX)
    assert "x-model-version" not in headers


def test_a_registry_that_is_not_there_yet_is_an_empty_list(registry: World) -> None:
    assert call("GET", "/models")[:2] == (200, [])


@pytest.mark.parametrize("content", [b"{", b"{}", b'[{"name": "x"}]'])
def test_a_broken_registry_is_told_without_its_content(
    registry: World, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.put(registry.models, f"registry/{GROUP}/index.json", content)
    assert call("GET", "/models")[:2] == (503, {"detail": "the model registry cannot be read"})
    said = json.loads(capsys.readouterr().out.splitlines()[0])
    assert said["level"] == "ERROR"
    assert f"registry/{GROUP}/index.json" in said["reason"]


def test_a_bucket_that_may_not_be_read(registry: World) -> None:
    registry.set(MODEL_REGISTRY="s3://no-such-bucket-at-all/registry/x")
    assert call("GET", "/models")[0] == 503


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/models/1", 404),
        ("GET", "/Models", 404),
        ("POST", "/models", 405),
        ("GET", "/predict", 405),
        ("DELETE", "/models", 405),
    ],
)
def test_other_paths_and_methods(registry: World, method: str, path: str, status: int) -> None:
    got, body, headers = call(method, path)
    assert got == status
    assert body["detail"]
    assert ("allow" in headers) is (status == 405)


def test_a_stage_in_the_path_is_none_of_it(registry: World) -> None:
    staged = event("GET", "/dev/models/")
    staged["requestContext"]["stage"] = "dev"
    assert handler(staged, None)["statusCode"] == 200


def test_a_plain_invocation_is_a_request_too(registry: World) -> None:
    answer = handler({"rawPath": "/models", "requestContext": {"http": {"method": "GET"}}}, None)
    assert answer["statusCode"] == 200
    assert re.fullmatch(r"[0-9a-f]{32}", answer["headers"]["x-request-id"])


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [("abc-1", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("a\nb", False), ("", False)],
)
def test_ids_are_kept_where_they_are_fit_for_a_log(registry: World, given_id: str, kept: bool) -> None:
    answered = call("GET", "/models", x_request_id=given_id)[2]["x-request-id"]
    assert (answered == given_id) is kept


def test_logs_say_what_happened_and_nothing_of_the_rows(
    predictor: Predictor, capsys: pytest.CaptureFixture[str]
) -> None:
    predictor.answers(b'{"predictions": [98765.4321]}', CustomAttributes="housing/3")
    call("POST", "/predict", {"rows": [{"area": 12345.678}]}, x_request_id="id-1")
    call("GET", "/secret/path?token=abc", x_request_id="id-2")
    text = capsys.readouterr().out
    first, second = [json.loads(line) for line in text.splitlines()]
    assert first.pop("seconds") >= 0
    assert first == {
        "level": "INFO",
        "message": "request",
        "environment": "test",
        "request_id": "id-1",
        "route": "/predict",
        "method": "POST",
        "status": 200,
        "model_version": "housing/3",
    }
    assert (second["route"], second["status"]) == ("unmatched", 404)
    assert not any(word in text for word in ("12345", "98765", "secret", "token"))


def test_a_defect_is_logged_and_kept_from_callers(
    registry: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> Callable[..., Any]:
        raise RuntimeError("the secret of the defect")

    monkeypatch.setattr(api, "read_index", broken)
    assert call("GET", "/models")[:2] == (500, {"detail": "internal error"})
    defect, request = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert defect["error"] == "RuntimeError"
    assert "the secret of the defect" in defect["exception"]
    assert request["status"] == 500


@pytest.mark.parametrize("variables", [{"MODEL_REGISTRY": ""}, {"MODEL_REGISTRY": "ftp://x"}])
def test_settings_that_make_no_sense_are_no_answer_of_a_model(registry: World, variables: dict[str, str]) -> None:
    registry.set(**variables)
    assert call("GET", "/models")[0] in (500, 503)
