"""Requests for a training: what they may say, and when two are the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkit.cloud.training_request import Parameter, Request, declared, parameters_of, request_of, request_token
from modelkit.errors import RequestError, SettingsError

DECLARED = [
    {"Name": "InputManifest", "Type": "String", "Description": "where"},
    {"Name": "Threshold", "Type": "Float", "DefaultValue": 0.6},
    {"Name": "Seed", "Type": "Integer", "DefaultValue": 42},
    {"Name": "Algorithm", "Type": "String", "DefaultValue": "ridge", "EnumValues": ["linear", "ridge", "forest"]},
    {"Name": "Alpha", "Type": "Float", "DefaultValue": 1},
    {"Name": "Trees", "Type": "Integer", "DefaultValue": 100},
    {"Name": "Note", "Type": "String", "DefaultValue": ""},
]
PARAMETERS = json.dumps(DECLARED)
DEFAULTS = {"Threshold": "0.6", "Seed": "42", "Algorithm": "ridge", "Alpha": "1.0", "Trees": "100", "Note": ""}


def asked(event: Any) -> Request | str:
    return request_of(event, "houses", "test", "r2")


def values(**given_values: Any) -> dict[str, str]:
    return parameters_of(declared(PARAMETERS), given_values)


@pytest.mark.parametrize(
    ("event", "request_or_reason"),
    [
        ({}, Request()),
        ({"parameters": {"Threshold": 0.7}}, Request({"Threshold": 0.7})),
        ({"parameters": {}, "metric": "r2", "attempt": 2}, Request({}, 2)),
        ({"detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}"}, Request()),
        ({"detail-type": "Dataset Published", "detail": {"dataset": "houses", "environment": "test"}}, Request()),
        ({"detail-type": "Dataset Published", "detail": {"dataset": "houses"}}, Request()),
        (
            {"detail-type": "Dataset Published", "detail": {"dataset": "orders"}},
            "'orders' was published, models are trained on houses",
        ),
        (
            {"detail-type": "Dataset Published", "detail": {"dataset": "houses", "environment": "prod"}},
            "published in 'prod', this is test",
        ),
    ],
)
def test_events_are_requests(event: Any, request_or_reason: Request | str) -> None:
    assert asked(event) == request_or_reason


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "event: got None, expected an object"),
        ([], "event: got [], expected an object"),
        ({"detail-type": "Else"}, "detail-type: got 'Else', expected Dataset Published or Scheduled Event"),
        ({"detail-type": "Dataset Published"}, "detail.dataset: got None, expected the name of a dataset"),
        ({"detail-type": "Dataset Published", "detail": {"dataset": 1}}, "expected the name of a dataset"),
        ({"params": {}}, "request.params: is unknown"),
        ({"parameters": []}, "request.parameters: got [], expected an object: {name: value}"),
        ({"attempt": 0}, "request.attempt: got 0, expected a whole number from 1 to 1000"),
        ({"attempt": True}, "request.attempt: got True, expected a whole number"),
        ({"metric": "accuracy"}, "request.metric: got 'accuracy', expected one of r2, within_10_percent, explained_"),
        ({"metric": "within_10_percent"}, "expected r2, by which this pipeline decides"),
    ],
)
def test_requests_that_make_no_sense(event: Any, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        asked(event)
    assert message in str(caught.value)


def test_what_is_not_given_is_as_the_pipeline_has_it() -> None:
    assert values() == DEFAULTS
    assert values(Threshold=1, Algorithm="forest", Note="spring") == {
        **DEFAULTS,
        "Threshold": "1.0",
        "Algorithm": "forest",
        "Note": "spring",
    }


@pytest.mark.parametrize(
    ("given_values", "problem"),
    [
        (
            {"Treshold": 0.5},
            "parameters.Treshold: is unknown, known are Algorithm, Alpha, Note, Seed, Threshold, Trees",
        ),
        ({"InputManifest": "s3://x/y"}, "parameters.InputManifest: follows from what the lake published last"),
        ({"Threshold": 1.1}, "parameters.Threshold: got 1.1, expected a number from 0 to 1"),
        ({"Threshold": -0.01}, "parameters.Threshold: got -0.01, expected a number from 0 to 1"),
        ({"Threshold": float("nan")}, "parameters.Threshold: got nan, expected a number from 0 to 1"),
        ({"Threshold": "0.7"}, "parameters.Threshold: got '0.7', expected a number from 0 to 1"),
        ({"Threshold": True}, "parameters.Threshold: got True, expected a number from 0 to 1"),
        ({"Threshold": None}, "parameters.Threshold: got None, expected a number from 0 to 1"),
        ({"Seed": 1.5}, "parameters.Seed: got 1.5, expected a whole number from 0 to 4294967295"),
        ({"Trees": 0}, "parameters.Trees: got 0, expected a whole number from 1 to 2000"),
        ({"Alpha": -1}, "parameters.Alpha: got -1, expected a number from 0 to 1000000"),
        ({"Algorithm": "boost"}, "parameters.Algorithm: got 'boost', expected one of linear, ridge, forest"),
        ({"Algorithm": ["ridge"]}, "parameters.Algorithm: got ['ridge'], expected one of"),
        ({"Note": "x" * 1025}, "expected a text of at most 1024 characters"),
        ({"Note": 1}, "parameters.Note: got 1, expected a text of at most 1024 characters"),
    ],
)
def test_values_that_make_no_sense(given_values: dict[str, Any], problem: str) -> None:
    with pytest.raises(RequestError) as caught:
        values(**given_values)
    (line,) = str(caught.value).splitlines()
    assert problem in line


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(RequestError) as caught:
        values(Threshold=7, Depth=3, Algorithm="boost")
    assert len(str(caught.value).splitlines()) == 3


def test_a_parameter_without_default_has_to_be_given() -> None:
    only = {"Rows": Parameter("Rows", "Integer")}
    with pytest.raises(RequestError, match=r"^parameters\.Rows: is missing, expected a whole number$"):
        parameters_of(only, {})
    assert parameters_of(only, {"Rows": 10**30}) == {"Rows": str(10**30)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "PIPELINE_PARAMETERS: not valid JSON"),
        ("{}", "PIPELINE_PARAMETERS: got {}, expected a list"),
        ("[1]", "PIPELINE_PARAMETERS: [0]: got 1, expected an object"),
        ('[{"Name": "A", "Type": "Boolean"}]', "[0].Type: got 'Boolean', expected one of String, Integer, Float"),
        ('[{"Name": "A b", "Type": "Float"}]', "[0].Name: got 'A b'"),
        ('[{"Name": "A", "Type": "String", "EnumValues": "x"}]', "[0].EnumValues: got 'x', expected a list"),
    ],
)
def test_declarations_that_make_no_sense(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        declared(text)
    assert message in str(caught.value)


TEXTS = st.text("abc-/", min_size=1, max_size=4)
ASKED = st.tuples(TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3), st.integers(1, 3))


@given(ASKED, ASKED)
def test_the_token_depends_on_exactly_its_inputs(one: Any, other: Any) -> None:
    """Equal inputs, equal tokens; different inputs, different tokens, however close their texts are."""
    assert (request_token(*one) == request_token(*other)) is (one == other)
    snapshot, code, parameters, attempt = one
    turned = dict(reversed(parameters.items()))
    assert request_token(snapshot, code, turned, attempt) == request_token(*one)
    assert 32 <= len(request_token(*one)) <= 128


@given(st.floats(0, 1))
def test_one_number_has_one_text(threshold: float) -> None:
    text = values(Threshold=threshold)["Threshold"]
    assert float(text) == threshold
    assert text == values(Threshold=float(text))["Threshold"]
