"""POST /predict: what the endpoint says, and what callers are told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_calls import ROWS, Predictor, call
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from model_world import World

from modelkit.cloud import api


def test_predictions_are_those_of_the_endpoint(predictor: Predictor) -> None:
    predictor.answers(b'{"predictions": [123456.5]}', CustomAttributes="housing/3")
    status, body, headers = call("POST", "/predict", ROWS, x_request_id="abc-1")
    assert (status, body) == (200, {"predictions": [123456.5]})
    assert headers["x-model-version"] == "housing/3"
    assert headers["x-request-id"] == "abc-1"
    (asked,) = predictor.asked
    assert json.loads(asked.pop("Body")) == ROWS
    assert asked == {
        "EndpointName": "slipway-test-housing",
        "ContentType": "application/json",
        "Accept": "application/json",
        "CustomAttributes": "x-request-id=abc-1",
        "InferenceId": "abc-1",
    }


@pytest.mark.parametrize(
    ("attributes", "variant", "version"),
    [
        ({"CustomAttributes": "housing/3"}, "serving", "housing/3"),
        ({"CustomAttributes": "x-model-version=housing/3"}, "serving", "housing/3"),
        ({"CustomAttributes": "a=b; x-model-version=housing/3"}, "serving", "housing/3"),
        ({"CustomAttributes": "a=b"}, "serving", "serving"),
        ({"CustomAttributes": "bad\r\nheader: x"}, "serving", "serving"),
        ({}, "serving", "serving"),
        ({}, "no way", None),
    ],
)
def test_which_model_answered_is_passed_on(
    predictor: Predictor, attributes: dict[str, str], variant: str, version: str | None
) -> None:
    predictor.answers(b'{"predictions": [1]}', **{"InvokedProductionVariant": variant, **attributes})
    assert call("POST", "/predict", ROWS)[2].get("x-model-version") == version


def test_the_registry_s_endpoint_may_be_absent(registry: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENDPOINT_NAME")
    assert call("POST", "/predict", ROWS)[:2] == (503, {"detail": "this environment has no endpoint"})
    # What is wrong with a request is told all the same.
    assert call("POST", "/predict", {})[0] == 422


@pytest.mark.parametrize(
    ("code", "message", "fields", "status", "detail"),
    [
        (
            "ModelError",
            "Received client error (422)",
            {"OriginalStatusCode": 422, "OriginalMessage": '{"detail": "row 0: feature age is missing"}'},
            422,
            "row 0: feature age is missing",
        ),
        ("ModelError", "x", {"OriginalStatusCode": 413, "OriginalMessage": "too much"}, 413, "the model refused"),
        ("ModelError", "x", {"OriginalStatusCode": 400, "OriginalMessage": "[]"}, 400, "the model refused the request"),
        ("ModelError", "x", {"OriginalStatusCode": 500, "OriginalMessage": "Traceback"}, 502, "with status 500"),
        (
            "ModelError",
            "x",
            {"OriginalStatusCode": 404, "OriginalMessage": ""},
            502,
            "the model failed with status 404",
        ),
        ("ModelError", "x", {}, 502, "the model failed"),
        ("ModelError", "Your invocation timed out while waiting", {}, 504, "the model did not answer in time"),
        (
            "ModelError",
            "x",
            {"OriginalStatusCode": 504, "OriginalMessage": ""},
            504,
            "the model did not answer in time",
        ),
        ("ValidationError", "Endpoint x of account y not found.", {}, 503, "does not exist or is not in service"),
        ("ValidationError", "1 validation error detected", {}, 502, "failed: ValidationError"),
        ("ServiceUnavailable", "", {}, 503, "takes no requests now"),
        ("ModelNotReadyException", "", {}, 503, "takes no requests now"),
        ("ThrottlingException", "", {}, 503, "takes no requests now"),
        ("InternalFailure", "", {}, 502, "failed: InternalFailure"),
        ("AccessDeniedException", "", {}, 502, "failed: AccessDeniedException"),
    ],
)
def test_errors_of_the_endpoint_have_one_meaning_each(
    predictor: Predictor, code: str, message: str, fields: dict[str, Any], status: int, detail: str
) -> None:
    predictor.fails(code, message, **fields)
    got, body, headers = call("POST", "/predict", ROWS)
    assert got == status
    assert detail in body["detail"]
    assert "Traceback" not in json.dumps(body)
    assert "x-model-version" not in headers


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ReadTimeoutError(endpoint_url="x"), 504),
        (ConnectTimeoutError(endpoint_url="x"), 503),
        (EndpointConnectionError(endpoint_url="x"), 503),
    ],
)
def test_an_endpoint_that_does_not_answer(
    registry: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    class Runtime:
        def invoke_endpoint(self, **_: Any) -> Any:
            raise error

    asked: list[Any] = []

    def runtime(name: str, **how: Any) -> Runtime:
        asked.append((name, how))
        return Runtime()

    monkeypatch.setattr(api, "client", runtime)
    registry.set(TIMEOUT_SECONDS="7")
    assert call("POST", "/predict", ROWS)[0] == status
    assert asked == [("sagemaker-runtime", {"read_timeout": 7, "attempts": 1})]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"predictions": []}',
        b'{"predictions": [1, 2]}',
        b'{"predictions": [NaN]}',
        b'{"predictions": ["1"]}',
        b'{"predictions": [true]}',
    ],
)
def test_an_answer_that_is_none(predictor: Predictor, answer: bytes) -> None:
    predictor.answers(answer)
    status, body, _ = call("POST", "/predict", ROWS)
    assert status == 502
    assert body["detail"].startswith("the model's answer")


@pytest.mark.parametrize("seconds", ["0", "30", "soon", "-1"])
def test_a_timeout_has_to_fit_the_gateway(registry: World, seconds: str) -> None:
    registry.set(TIMEOUT_SECONDS=seconds)
    assert call("POST", "/predict", ROWS)[0] == 500
