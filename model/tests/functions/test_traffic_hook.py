"""Hooks of a shift: what they look at, and that they always say something."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber
from functions.traffic_hook.handler import handler
from model_world import World

from modelkit.cloud import hook
from modelkit.cloud.environment import client
from modelkit.cloud.hook import target_version
from modelkit.errors import DocumentError, RequestError

FUNCTION = "slipway-test-models-api"
EVENT = {"DeploymentId": "d-ABC", "LifecycleEventHookExecutionId": "hook-1"}
GOOD = {"statusCode": 200, "body": "[]"}


def app_spec(**properties: str) -> str:
    found = {"Name": FUNCTION, "Alias": "live", "CurrentVersion": "4", "TargetVersion": "5", **properties}
    resource = {"function": {"Type": "AWS::Lambda::Function", "Properties": found}}
    return json.dumps({"version": "0.0", "Resources": [resource], "Hooks": [{"BeforeAllowTraffic": "x"}]})


class Shift:
    """CodeDeploy and Lambda as botocore's stubs have them: calls come in this order, with these arguments, or fail."""

    def __init__(self) -> None:
        self.codedeploy, self.functions = client("codedeploy"), client("lambda")
        self.stubs = [Stubber(self.codedeploy), Stubber(self.functions)]
        for stub in self.stubs:
            stub.activate()

    def deployment(self, content: str = app_spec()) -> None:
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
        self.stubs[0].add_response(
            "get_deployment", {"deploymentInfo": {"revision": revision}}, {"deploymentId": "d-ABC"}
        )

    def reported(self, status: str) -> None:
        self.stubs[0].add_response(
            "put_lifecycle_event_hook_execution_status",
            {"lifecycleEventHookExecutionId": "hook-1"},
            {"deploymentId": "d-ABC", "lifecycleEventHookExecutionId": "hook-1", "status": status},
        )

    def answer(self, qualifier: str, payload: Any = GOOD, version: str | None = "5", **fields: Any) -> None:
        data = json.dumps(payload).encode() if not isinstance(payload, bytes) else payload
        found = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(data), len(data)), **fields}
        found |= {} if version is None else {"ExecutedVersion": version}
        self.stubs[1].add_response("invoke", found, {"FunctionName": FUNCTION, "Qualifier": qualifier, "Payload": ANY})

    def alias(self, version: str, weights: dict[str, float] | None = None) -> None:
        routing = {} if weights is None else {"RoutingConfig": {"AdditionalVersionWeights": weights}}
        self.stubs[1].add_response(
            "get_alias",
            {"Name": "live", "FunctionVersion": version, **routing},
            {"FunctionName": FUNCTION, "Name": "live"},
        )

    def close(self) -> None:
        for stub in self.stubs:
            stub.assert_no_pending_responses()
            stub.deactivate()


@pytest.fixture
def shift(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shift]:
    world.set(PHASE="before", TARGET_FUNCTION=FUNCTION)
    made = Shift()
    clients = {"codedeploy": made.codedeploy, "lambda": made.functions}
    monkeypatch.setattr(hook, "client", lambda name, **_: clients[name])
    yield made
    made.close()


def test_before_traffic_the_new_version_is_asked(shift: Shift) -> None:
    asked: list[dict[str, Any]] = []
    shift.functions.meta.events.register(
        "provide-client-params.lambda.Invoke", lambda params, **_: asked.append(params)
    )
    shift.deployment()
    shift.answer("5")
    shift.reported("Succeeded")
    assert handler(EVENT, None) == {"status": "Succeeded", "reason": "version 5 answers"}
    sample = json.loads(asked[0]["Payload"])
    assert (sample["rawPath"], sample["requestContext"]["http"]["method"]) == ("/models", "GET")


def test_after_traffic_the_alias_has_to_lead_there(shift: Shift, world: World) -> None:
    world.set(PHASE="after")
    shift.deployment()
    shift.answer("5")
    shift.alias("5", {})
    shift.answer("live")
    shift.reported("Succeeded")
    assert handler(EVENT, None)["reason"] == "version 5 answers, alias live leads to it"


@pytest.mark.parametrize(
    ("version", "weights", "said"),
    [("4", None, "4"), ("4", {"5": 0.1}, "4"), ("5", {"4": 0.9}, "5 and 4")],
)
def test_an_alias_that_leads_elsewhere(
    shift: Shift, world: World, version: str, weights: dict[str, float] | None, said: str
) -> None:
    world.set(PHASE="after")
    shift.deployment()
    shift.answer("5")
    shift.alias(version, weights)
    shift.reported("Failed")
    assert handler(EVENT, None) == {
        "status": "Failed",
        "reason": f"CheckFailed: {FUNCTION}:live: leads to version {said}, expected 5 alone",
    }


def test_an_alias_may_have_a_weight_of_nothing_left(shift: Shift, world: World) -> None:
    world.set(PHASE="after")
    shift.deployment()
    shift.answer("5")
    shift.alias("5", {"4": 0.0})
    shift.answer("live")
    shift.reported("Succeeded")
    assert handler(EVENT, None)["status"] == "Succeeded"


def test_the_alias_is_asked_as_callers_ask_it(shift: Shift, world: World) -> None:
    world.set(PHASE="after")
    shift.deployment()
    shift.answer("5")
    shift.alias("5")
    shift.answer("live", version="4")
    shift.reported("Failed")
    assert handler(EVENT, None)["reason"].endswith(":live: version 4 answered, expected 5")


@pytest.mark.parametrize(
    ("payload", "fields", "reason"),
    [
        ({"statusCode": 503, "body": "{}"}, {}, "GET /models answered 503, expected 200"),
        ({"body": "[]"}, {}, "GET /models answered None, expected 200"),
        ([], {}, "GET /models answered None, expected 200"),
        ({"statusCode": 200, "body": "{}"}, {}, "GET /models did not answer a list"),
        ({"statusCode": 200, "body": "<html>"}, {}, "not valid JSON"),
        (b"<html>", {}, "not valid JSON"),
        ({"errorMessage": "x"}, {"FunctionError": "Unhandled"}, "ended with an error (Unhandled)"),
    ],
)
def test_a_version_that_is_not_fit_for_traffic(shift: Shift, payload: Any, fields: dict[str, Any], reason: str) -> None:
    shift.deployment()
    shift.answer("5", payload, **fields)
    shift.reported("Failed")
    answer = handler(EVENT, None)
    assert answer["status"] == "Failed"
    assert f"{FUNCTION}:5: {reason}" in answer["reason"]


def test_an_emulator_may_not_say_which_version_answered(shift: Shift) -> None:
    shift.deployment()
    shift.answer("5", version=None)
    shift.reported("Succeeded")
    assert handler(EVENT, None)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"PHASE": ""}, "SettingsError: environment variables are missing: PHASE"),
        ({"PHASE": "during"}, "SettingsError: PHASE: got 'during', expected before or after"),
        ({"TARGET_FUNCTION": ""}, "SettingsError: environment variables are missing: TARGET_FUNCTION"),
    ],
)
def test_wrong_settings_are_reported_too(shift: Shift, world: World, variables: dict[str, str], reason: str) -> None:
    world.set(**variables)
    shift.reported("Failed")
    assert handler(EVENT, None) == {"status": "Failed", "reason": reason}


def test_an_error_of_a_service_is_reported_too(shift: Shift, capsys: pytest.CaptureFixture[str]) -> None:
    shift.stubs[0].add_client_error("get_deployment", "DeploymentDoesNotExistException", "no such deployment")
    shift.reported("Failed")
    assert "no such deployment" in handler(EVENT, None)["reason"]
    failed, reported = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "Traceback" in failed["exception"]
    assert reported["status"] == "Failed"


def test_a_report_that_does_not_come_through_is_an_error(shift: Shift) -> None:
    """Lambda then tries the whole hook again."""
    shift.deployment()
    shift.answer("5")
    shift.stubs[0].add_client_error("put_lifecycle_event_hook_execution_status", "ThrottlingException")
    with pytest.raises(Exception, match="ThrottlingException"):
        handler(EVENT, None)


@pytest.mark.parametrize(
    "event", [None, {}, {"DeploymentId": "d"}, {"DeploymentId": "", "LifecycleEventHookExecutionId": 1}]
)
def test_without_a_deployment_there_is_nobody_to_report_to(shift: Shift, event: Any) -> None:
    with pytest.raises(RequestError, match="expected DeploymentId and LifecycleEventHookExecutionId"):
        handler(event, None)


@pytest.mark.parametrize("name", [FUNCTION, f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}"])
def test_the_version_is_the_deployment_s(name: str) -> None:
    content = {"content": app_spec(Name=name)}
    assert target_version({"revisionType": "AppSpecContent", "appSpecContent": content}, FUNCTION, "live") == "5"
    assert target_version({"revisionType": "String", "string": content}, FUNCTION, "live") == "5"


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ({}, "revision of type None: has no content"),
        ({"revisionType": "S3", "s3Location": {}}, "revision of type 'S3': has no content"),
        ({"string": {"content": "version: 0.0"}}, "not valid JSON"),
        ({"string": {"content": "[]"}}, f"Resources: expected AWS::Lambda::Function with Name {FUNCTION} and Alias"),
        ({"string": {"content": '{"Resources": [1, {"a": 2}]}'}}, "Resources: expected AWS::Lambda::Function"),
        ({"string": {"content": app_spec(Alias="other")}}, "Resources: expected AWS::Lambda::Function"),
        ({"string": {"content": app_spec(Name="other")}}, "Resources: expected AWS::Lambda::Function"),
        (
            {"string": {"content": app_spec(TargetVersion="$LATEST")}},
            "TargetVersion: got '$LATEST', expected the number",
        ),
    ],
)
def test_an_app_spec_that_does_not_say(revision: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        target_version(revision, FUNCTION, "live")
    assert str(caught.value).startswith(f"AppSpec: {message}")
