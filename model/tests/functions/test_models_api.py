"""GET /models and POST /predict, as callers see them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from api_calls import ROWS, call, event
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from fake_sagemaker import GROUP
from functions.models_api.handler import handler
from hypothesis import given
from hypothesis import strategies as st
from model_world import World

from modelkit.cloud import api
from modelkit.cloud.environment import client
from modelkit.cloud.predictions import Refused, rows_of

INDEX = [{"name": "housing", "version": "2", "status": "serving", "metrics": {"r2": 0.8}}]


class Predictor:
    """The runtime of SageMaker as botocore's stub has it: what is asked of it is held against its API."""

    def __init__(self) -> None:
        self.client = client("sagemaker-runtime", 20, 1)
        self.stub = Stubber(self.client)
        self.stub.activate()
        self.asked: list[dict[str, Any]] = []

    def answers(self, body: bytes, **fields: str) -> None:
        found = {"Body": StreamingBody(io.BytesIO(body), len(body)), "InvokedProductionVariant": "serving", **fields}
        self.stub.add_response("invoke_endpoint", found)

    def fails(self, code: str, message: str = "", **fields: Any) -> None:
        self.stub.add_client_error("invoke_endpoint", code, message, http_status_code=424, modeled_fields=fields)


@pytest.fixture
def registry(world: World) -> World:
    world.set(MODEL_REGISTRY=world.registry, ENDPOINT_NAME="slipway-test-housing")
    return world


@pytest.fixture
def predictor(registry: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Predictor]:
    made = Predictor()

    def note(params: dict[str, Any], **_: Any) -> None:
        made.asked.append(params)

    made.client.meta.events.register("provide-client-params.sagemaker-runtime.InvokeEndpoint", note)
    clients = {"sagemaker-runtime": made.client}
    monkeypatch.setattr(api, "client", lambda name, **_: clients[name])
    yield made
    made.stub.deactivate()
    made.client.close()


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


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (None, 422, "body: not valid JSON"),
        ("", 422, "body: not valid JSON"),
        ("{", 422, "body: not valid JSON"),
        ('{"rows": [{"area": NaN}]}', 422, "NaN is not a number"),
        ('{"rows": [{"area": Infinity}]}', 422, "Infinity is not a number"),
        ('{"rows": [{"area": 1e999}]}', 422, "body.rows.0.area: expected a finite number"),
        (f'{{"rows": [{{"area": {10**400}}}]}}', 422, "body.rows.0.area: expected a finite number"),
        ("[]", 422, "body: expected an object with rows"),
        ("{}", 422, "body.rows: is missing"),
        ('{"rows": []}', 422, "body.rows: expected a list of 1 to 1000 rows"),
        ('{"rows": {}}', 422, "body.rows: expected a list of 1 to 1000 rows"),
        (json.dumps({"rows": [{"area": 1}] * 1001}), 422, "body.rows: expected a list of 1 to 1000 rows"),
        ('{"rows": [1]}', 422, "body.rows.0: expected an object of numbers by feature"),
        ('{"rows": [{"area": "1"}]}', 422, "body.rows.0.area: expected a finite number"),
        ('{"rows": [{"area": true}]}', 422, "body.rows.0.area: expected a finite number"),
        ('{"rows": [{"area": null}]}', 422, "body.rows.0.area: expected a finite number"),
        ('{"rows": [{"area": 1}], "model": "x"}', 422, "body.model: is unknown"),
        ("[" * 100_000, 422, "body: not valid JSON"),
        (b"\xff\xfe{}", 400, "the body is not UTF-8: byte 0"),
        ("\ud800", 400, "the body is not UTF-8: byte 0"),
        (" " * 1_048_577, 413, "at most 1048576 bytes"),
        (b" " * 1_048_577, 413, "at most 1048576 bytes"),
    ],
)
def test_bodies_that_are_refused(predictor: Predictor, body: Any, status: int, detail: str) -> None:
    got, answer, _ = call("POST", "/predict", body)
    assert got == status
    assert detail in answer["detail"]
    assert predictor.asked == []


def test_a_body_that_is_not_what_it_says(predictor: Predictor) -> None:
    broken = {**event("POST", "/predict", b"x"), "body": "not base64!"}
    answer = handler(broken, None)
    assert (answer["statusCode"], json.loads(answer["body"])) == (400, {"detail": "the body is not base64"})


def test_bytes_are_text_as_well(predictor: Predictor) -> None:
    predictor.answers(b'{"predictions": [1]}')
    assert call("POST", "/predict", json.dumps(ROWS).encode())[0] == 200


def test_a_thousand_wrong_rows_make_a_short_answer(predictor: Predictor) -> None:
    _, body, _ = call("POST", "/predict", {"rows": [{"x" * 500: None}] * 1000})
    assert len(body["detail"]) <= 1000


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


@pytest.mark.parametrize("seconds", ["0", "30", "soon", "-1"])
def test_a_timeout_has_to_fit_the_gateway(registry: World, seconds: str) -> None:
    registry.set(TIMEOUT_SECONDS=seconds)
    assert call("POST", "/predict", ROWS)[0] == 500


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63)
SOUND_ROWS = st.lists(st.dictionaries(st.text(max_size=8), NUMBERS, max_size=5), min_size=1, max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["rows", "a"]), inner, max_size=3),
    max_leaves=8,
)


@given(SOUND_ROWS)
def test_sound_rows_reach_the_model_as_they_are(rows: list[dict[str, float]]) -> None:
    assert json.loads(rows_of(json.dumps({"rows": rows}).encode())) == {"rows": rows}


@given(st.binary(max_size=50) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_refused_or_is_rows(body: bytes) -> None:
    try:
        value = json.loads(rows_of(body))
    except Refused as refused:
        assert refused.status in (400, 413, 422)
        assert refused.detail
    else:
        assert list(value) == ["rows"]
        assert 1 <= len(value["rows"]) <= 1000
        assert all(isinstance(row, dict) for row in value["rows"])
