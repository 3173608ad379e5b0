"""Events of API Gateway's HTTP API, payload format 2.0, and clients of boto3 whose answers tests write."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from botocore.response import StreamingBody
from botocore.stub import Stubber
from functions.models_api.handler import handler

from modelkit.cloud.environment import client

ROWS = {"rows": [{"area": 100.0, "bedrooms": 3, "bathrooms": 2, "age": 10}]}


def event(method: str, path: str, body: str | bytes | None = None, **headers: str) -> dict[str, Any]:
    """As API Gateway sends it; bytes travel as base64."""
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
            "requestId": "gateway-id=",
            "stage": "$default",
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        made["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return made


def call(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    """Status, JSON and headers of the answer."""
    text = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
    answer = handler(event(method, path, text, **headers), None)
    assert answer["isBase64Encoded"] is False
    assert answer["headers"]["content-type"] == "application/json"
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


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
