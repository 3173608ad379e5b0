"""Bodies of POST /predict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_calls import ROWS, Predictor, call, event
from functions.models_api.handler import handler
from hypothesis import given
from hypothesis import strategies as st

from modelkit.cloud.predictions import Refused, rows_of


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
