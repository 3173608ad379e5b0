"""Asks the endpoint, and says in the API's words what went wrong where it did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, ReadTimeoutError

from modelkit.cloud.environment import error_code, error_text
from modelkit.cloud.predictions import Refused
from modelkit.errors import DocumentError
from modelkit.reader import parse_json

#: What a model may say of a request by itself: such words go on to the caller.
_CALLERS_FAULT = (400, 413, 422)
MODEL_VERSION = "x-model-version"
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,127}")
_TIMED_OUT = re.compile(r"tim(?:ed|e) ?out", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What the model said, and which one it was: `housing/3`, or the name of the variant; None if nobody said."""

    body: bytes
    version: str | None


def ask(runtime: Any, endpoint: str, body: bytes, request_id: str) -> Answer:
    """Predictions of the endpoint. Raises Refused with 400, 413, 422, 502, 503 or 504."""
    try:
        found = runtime.invoke_endpoint(
            EndpointName=endpoint,
            ContentType="application/json",
            Accept="application/json",
            CustomAttributes=f"x-request-id={request_id}",
            InferenceId=request_id,
            Body=body,
        )
        return Answer(found["Body"].read(), version_of(found))
    except ClientError as error:
        raise refusal_of(error, endpoint) from error
    except (ReadTimeoutError, TimeoutError) as error:
        raise Refused(504, "the model did not answer in time") from error
    except (ConnectionError, HTTPClientError) as error:
        raise Refused(503, f"endpoint {endpoint} cannot be reached") from error


def version_of(found: dict[str, Any]) -> str | None:
    """The label that the container gave, alone or as `x-model-version=<label>`; else the variant."""
    attributes = str(found.get("CustomAttributes", ""))
    parts = [part.strip().partition("=") for part in re.split(r"[;,]", attributes)]
    pairs = {name: value for name, equals, value in parts if equals}
    label = pairs.get(MODEL_VERSION, "" if pairs else attributes)
    if _LABEL.fullmatch(label):
        return label
    variant = str(found.get("InvokedProductionVariant", ""))
    return variant if _LABEL.fullmatch(variant) else None


def refusal_of(error: ClientError, endpoint: str) -> Refused:
    """What an error of the runtime is to the caller."""
    code, text = error_code(error), error_text(error)
    if code == "ModelError":
        return _model_refusal(error)
    if code in ("ValidationError", "ValidationException") and "not found" in text.lower():
        return Refused(503, f"endpoint {endpoint} does not exist or is not in service")
    if code in ("ServiceUnavailable", "ServiceUnavailableException", "ModelNotReadyException", "ThrottlingException"):
        return Refused(503, f"endpoint {endpoint} takes no requests now")
    return Refused(502, f"endpoint {endpoint} failed: {code}")


def _model_refusal(error: ClientError) -> Refused:
    status = int(error.response.get("OriginalStatusCode", 0))
    message = str(error.response.get("OriginalMessage", ""))
    if status in _CALLERS_FAULT:
        return Refused(status, _detail(message) or "the model refused the request")
    if status in (408, 504) or _TIMED_OUT.search(f"{message} {error_text(error)}"):
        return Refused(504, "the model did not answer in time")
    return Refused(502, f"the model failed with status {status}" if status else "the model failed")


def _detail(message: str) -> str:
    """The model's own words: `{"detail": "…"}`."""
    try:
        value = parse_json(message.encode(), "answer")
    except DocumentError:
        return ""
    detail = value.get("detail") if isinstance(value, dict) else None
    return detail if isinstance(detail, str) else ""
