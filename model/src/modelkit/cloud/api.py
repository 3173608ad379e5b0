"""The inference API behind an HTTP API of API Gateway, payload format 2.0."""

from __future__ import annotations

import base64
import binascii
import json
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import uuid4

from modelkit.cloud.endpoint import MODEL_VERSION, ask
from modelkit.cloud.environment import client, optional, required
from modelkit.cloud.predictions import Refused, count_rows, predictions_of, rows_of
from modelkit.errors import ModelkitError, SettingsError
from modelkit.hashing import canonical_json
from modelkit.logs import log
from modelkit.registry import read_index
from modelkit.storage import open_store

REQUEST_ID = "x-request-id"
# What a caller sends ends up in logs: nothing that could break a line, and nothing longer than an id needs to be.
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ROUTES = {"/models": "GET", "/predict": "POST"}


@dataclass(frozen=True)
class Call:
    """One request. `route` is a known path or `unmatched`, so that a caller cannot fill logs with paths."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    encoded: bool
    request_id: str

    @property
    def route(self) -> str:
        """The path as logs name it."""
        return self.path if self.path in _ROUTES else "unmatched"


@dataclass(frozen=True)
class Reply:
    """One answer, JSON."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def respond(event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to an event. Whatever happens it is one: a defect is logged, and is `internal error` to the caller."""
    start, call = perf_counter(), call_of(event)
    try:
        reply = _reply(call)
    except Refused as refused:
        reply = _problem(refused.status, refused.detail)
    except Exception as error:
        trace = traceback.format_exc()
        log("ERROR", "unhandled exception", request_id=call.request_id, error=type(error).__name__, exception=trace)
        reply = _problem(500, "internal error")
    seconds = round(perf_counter() - start, 6)
    facts = {"request_id": call.request_id, "route": call.route, "method": call.method, "seconds": seconds}
    log("INFO", "request", status=reply.status, model_version=reply.headers.get(MODEL_VERSION), **facts)
    headers = {"content-type": "application/json", REQUEST_ID: call.request_id, **reply.headers}
    return {"statusCode": reply.status, "headers": headers, "body": reply.body.decode(), "isBase64Encoded": False}


def call_of(event: Mapping[str, Any]) -> Call:
    """The request that an event is; what it lacks is empty."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    path = str(event.get("rawPath") or http.get("path") or "/")
    stage = str(context.get("stage") or "$default")
    if path.startswith(f"/{stage}/"):
        path = path[len(stage) + 1 :]
    given = (headers.get(REQUEST_ID, ""), str(context.get("requestId", "")))
    request_id = next((each for each in given if _ACCEPTABLE_ID.fullmatch(each)), uuid4().hex)
    return Call(
        method=str(http.get("method") or "GET").upper(),
        path=path.rstrip("/") or "/",
        headers=headers,
        body=str(event.get("body") or ""),
        encoded=event.get("isBase64Encoded") is True,
        request_id=request_id,
    )


def _reply(call: Call) -> Reply:
    expected = _ROUTES.get(call.path)
    if expected is None:
        return _problem(404, "not found")
    if call.method != expected:
        return Reply(405, _detail("method not allowed"), {"allow": expected})
    return _models() if call.path == "/models" else _predict(call)


def _models() -> Reply:
    location = required("MODEL_REGISTRY")["MODEL_REGISTRY"]
    try:
        index = read_index(open_store(location))
    except SettingsError:
        raise
    except ModelkitError as error:
        log("ERROR", "registry not readable", reason=str(error))
        raise Refused(503, "the model registry cannot be read") from error
    return Reply(200, canonical_json([line.to_json() for line in index]))


def _predict(call: Call) -> Reply:
    body = rows_of(_bytes_of(call))
    endpoint = optional("ENDPOINT_NAME")
    if not endpoint:
        raise Refused(503, "this environment has no endpoint")
    # Once: a prediction that took too long is not worth asking for again, and a second try would outlast the gateway.
    runtime = client("sagemaker-runtime", read_timeout=_timeout(), attempts=1)
    answer = ask(runtime, endpoint, body, call.request_id)
    version = {} if answer.version is None else {MODEL_VERSION: answer.version}
    return Reply(200, predictions_of(answer.body, count_rows(body)), version)


def _timeout() -> int:
    text = optional("TIMEOUT_SECONDS", "20")
    if not text.isdecimal() or not 1 <= int(text) <= 29:
        raise SettingsError(f"TIMEOUT_SECONDS: got {text!r}, expected a whole number from 1 to 29")
    return int(text)


def _bytes_of(call: Call) -> bytes:
    if not call.encoded:
        return call.body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(call.body, validate=True)
    except binascii.Error as error:
        raise Refused(400, "the body is not base64") from error


def _problem(status: int, detail: str) -> Reply:
    return Reply(status, _detail(detail))


def _detail(detail: str) -> bytes:
    return json.dumps({"detail": detail}).encode()
