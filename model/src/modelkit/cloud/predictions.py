"""Bodies of requests for predictions, and of what a model answers."""

from __future__ import annotations

import json
from typing import Any

from modelkit.errors import DocumentError
from modelkit.reader import is_number, parse_json

MAX_BODY_BYTES = 1_048_576
MAX_ROWS = 1000
# A batch of a thousand rows can be wrong in thousands of places.
_SHOWN_ISSUES = 5
_SHOWN_LENGTH = 1000


class Refused(Exception):
    """A request that is not answered as asked: the status, and words for the caller."""

    def __init__(self, status: int, detail: str) -> None:
        """`detail` may hold a caller's words: it is cut, and halves of characters are replaced."""
        self.status = status
        self.detail = detail[:_SHOWN_LENGTH].encode("utf-8", "replace").decode()
        super().__init__(f"{status}: {self.detail}")


def rows_of(body: bytes) -> bytes:
    """The body for the model: `{"rows": [{feature: number}, …]}`, nothing else. Raises Refused with 400, 413 or 422."""
    if len(body) > MAX_BODY_BYTES:
        raise Refused(413, f"at most {MAX_BODY_BYTES} bytes")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, f"the body is not UTF-8: byte {error.start}") from error
    try:
        value = parse_json(body, "body")
    except DocumentError as error:
        raise Refused(422, str(error)) from error
    issues = _issues(value)
    if issues:
        raise Refused(422, "; ".join(issues[:_SHOWN_ISSUES]))
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def _issues(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return ["body: expected an object with rows"]
    unknown = [f"body.{name}: is unknown" for name in sorted(value) if name != "rows"]
    if "rows" not in value:
        return ["body.rows: is missing", *unknown]
    rows = value["rows"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_ROWS:
        return [f"body.rows: expected a list of 1 to {MAX_ROWS} rows", *unknown]
    return [issue for number, row in enumerate(rows) for issue in _row_issues(number, row)] + unknown


def _row_issues(number: int, row: Any) -> list[str]:
    where = f"body.rows.{number}"
    if not isinstance(row, dict):
        return [f"{where}: expected an object of numbers by feature"]
    return [f"{where}.{name}: expected a finite number" for name, each in row.items() if not is_number(each)]


def predictions_of(body: bytes, asked: int) -> bytes:
    """The model's answer for the caller. Raises Refused with 502 when it is no answer to so many rows."""
    try:
        value = parse_json(body, "answer")
    except DocumentError as error:
        raise Refused(502, "the model's answer cannot be read") from error
    found = value.get("predictions") if isinstance(value, dict) else None
    if not isinstance(found, list) or len(found) != asked or not all(is_number(each) for each in found):
        raise Refused(502, f"the model's answer is not {asked} predictions")
    return json.dumps({"predictions": found}, separators=(",", ":")).encode()


def count_rows(body: bytes) -> int:
    """How many rows a checked body has."""
    return len(json.loads(body)["rows"])
