"""The variable SERVING, and what names follow from it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from deploy_world import SERVING
from hypothesis import given
from hypothesis import strategies as st

from modelkit.cloud.plan import configuration_of, guardrails_of, identity_of, plan_of
from modelkit.cloud.serving import Capture, Guardrails, Instances, Network, Serverless, Serving, serving_of
from modelkit.documents import Artifact, Lineage, Threshold, Version
from modelkit.errors import SettingsError

ROLE = "arn:aws:iam::123456789012:role/serve"
VERSION = Version(
    group="g",
    name="housing",
    version=3,
    status="Approved",
    artifact=Artifact("s3://models/m.tar.gz", "a" * 64, 10),
    metrics={"r2": 0.8},
    threshold=Threshold("r2", 0.6),
    lineage=Lineage("d", f"sha256:{'c' * 64}", "e"),
    created_at="2026-01-02T03:04:05Z",
)


def without(*names: str, **fields: Any) -> str:
    """The sound setting with some fields away and some others."""
    return json.dumps({**{name: value for name, value in SERVING.items() if name not in names}, **fields})


def deployment(**fields: Any) -> str:
    return json.dumps({**SERVING, "deployment": {"strategy": "canary", "percent": 10, **fields}})


def test_all_of_it_is_read() -> None:
    assert serving_of(json.dumps({**SERVING, "environment": {"LOG": "info"}, "isolated": False})) == Serving(
        endpoint="slipway-test-housing",
        role_arn=ROLE,
        variant=Instances("ml.m5.large", 2),
        image=f"repo/predict@sha256:{'a' * 64}",
        environment={"LOG": "info"},
        isolated=False,
        network=Network(("subnet-1",), ("sg-1",)),
        key_arn="arn:aws:kms:us-east-1:123456789012:key/1234abcd",
        capture=Capture(20, "s3://models/capture"),
        guardrails=Guardrails("canary", 10, 1800, 300, None, ("errors", "latency")),
    )


def test_no_alarms_are_none() -> None:
    guardrails = serving_of(deployment(alarms=[])).guardrails
    assert guardrails == Guardrails("canary", 10)
    assert "AutoRollbackConfiguration" not in guardrails_of(guardrails)


def test_little_is_needed() -> None:
    text = json.dumps({"endpoint": "e", "roleArn": ROLE, "serverless": {"memoryMb": 1024, "maxConcurrency": 1}})
    assert serving_of(text) == Serving("e", ROLE, Serverless(1024, 1), isolated=False)
    text = json.dumps({"endpoint": "e", "roleArn": ROLE, "instances": {"type": "ml.m5.large", "count": 1}})
    assert serving_of(text) == Serving("e", ROLE, Instances("ml.m5.large", 1), isolated=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not valid JSON"),
        ("[]", "document: got [], expected an object"),
        (without("endpoint"), "endpoint: is missing"),
        (without(endpoint="x" * 37), "expected 1 to 36 letters, digits and -"),
        (without(endpoint="-x"), "endpoint: got '-x', expected 1 to 36 letters, digits and -"),
        (without(roleArn="serve"), "roleArn: got 'serve', expected the ARN of a role"),
        (without(image="repo:latest"), "image: got 'repo:latest', expected <repository>@sha256:<64 hex>"),
        (without("instances"), "instances, serverless: expected exactly one of the two"),
        (without(serverless={}), "instances, serverless: expected exactly one of the two"),
        (without(instances={"type": "m5.large", "count": 1}), "instances.type: got 'm5.large', expected a type like"),
        (without(instances={"type": "ml.m5.large", "count": 0}), "instances.count: got 0, expected a whole number"),
        (without(instances={"type": "ml.m5.large", "count": 1, "x": 1}), "instances.x: is unknown"),
        (without(environment={"A": 1}), "environment: got {'A': 1}, expected at most 97 texts by name"),
        (without(environment={"MODEL_VERSION": "9"}), "none of MODEL_NAME, MODEL_VERSION, MODEL_SHA256"),
        (without(environment={"A-B": "x"}), "environment: got {'A-B': 'x'}"),
        (without(isolated="yes"), "isolated: got 'yes', expected true or false"),
        (without(network={"subnets": [], "securityGroups": ["sg-1"]}), "network.subnets: got [], expected a list of 1"),
        (without(network={"subnets": ["a", "a"], "securityGroups": ["b"]}), "a list of 1 to 16 different ids"),
        (without(network={"subnets": ["a"]}), "network.securityGroups: is missing"),
        (without(keyArn="alias/x"), "keyArn: got 'alias/x', expected the ARN of a key"),
        (without(capture={"percent": 0, "destination": "s3://models/c"}), "capture.percent: got 0"),
        (without(capture={"percent": 1, "destination": "/tmp"}), "capture.destination: got '/tmp', expected s3://"),
        (without(canary=True), "canary: is unknown"),
        (deployment(percent=51), "deployment.percent: got 51, expected a whole number from 1 to 50"),
        (deployment(percent=0), "deployment.percent: got 0, expected a whole number from 1 to 50"),
        (deployment(strategy="linear", percent=5), "deployment.percent: got 5, expected a whole number from 10 to 50"),
        (deployment(strategy="all-at-once"), "deployment.percent: got 10, expected none with the strategy all-at-once"),
        (deployment(strategy="rolling"), "deployment.strategy: got 'rolling', expected one of canary, linear, all-"),
        (deployment(waitSeconds=3601), "deployment.waitSeconds: got 3601, expected a whole number from 0 to 3600"),
        (deployment(terminationWaitSeconds=-1), "deployment.terminationWaitSeconds: got -1"),
        (deployment(maximumSeconds=599), "deployment.maximumSeconds: got 599, expected a whole number from 600 to 28"),
        (deployment(alarms=["a", "a"]), "expected a list of 1 to 10 different names of alarms"),
        (deployment(alarms=[str(number) for number in range(11)]), "a list of 1 to 10 different names of alarms"),
        (json.dumps({**SERVING, "deployment": {"strategy": "canary"}}), "deployment.percent: is missing"),
    ],
)
def test_every_broken_rule_is_named(text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        serving_of(text)
    lines = str(caught.value).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("SERVING: ")
    assert problem in lines[0]


@pytest.mark.parametrize("name", ["network", "capture", "deployment", "isolated"])
def test_what_sagemaker_has_for_instances_alone(name: str) -> None:
    value = SERVING.get(name, True)
    variant = {"memoryMb": 2048, "maxConcurrency": 5}
    text = json.dumps({"endpoint": "e", "roleArn": ROLE, "serverless": variant, name: value})
    with pytest.raises(SettingsError, match=f"SERVING: {name}: SageMaker has none for a serverless variant"):
        serving_of(text)


@pytest.mark.parametrize("memory", [1000, 1025, 6145])
def test_memory_comes_in_whole_gibibytes(memory: int) -> None:
    text = json.dumps({"endpoint": "e", "roleArn": ROLE, "serverless": {"memoryMb": memory, "maxConcurrency": 5}})
    with pytest.raises(SettingsError, match=r"serverless\.memoryMb"):
        serving_of(text)


@pytest.mark.parametrize(
    ("family", "takes"),
    [
        ("ml.m5.large", True),
        ("ml.c7g.large", True),
        ("ml.t2.medium", True),
        ("ml.p3.2xlarge", True),
        ("ml.m5d.large", False),
        ("ml.c6gd.large", False),
        ("ml.g4dn.xlarge", False),
        ("ml.g5.xlarge", False),
        ("ml.p4d.24xlarge", False),
    ],
)
def test_disks_of_machines_that_bring_their_own_take_no_key(family: str, takes: bool) -> None:
    serving = serving_of(without(instances={"type": family, "count": 1}))
    configuration = configuration_of(plan_of(VERSION, "image", serving), None, None)
    assert ("KmsKeyId" in configuration) is takes
    assert configuration["DataCaptureConfig"]["KmsKeyId"] == serving.key_arn


NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
ENDPOINTS = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,35}", fullmatch=True).filter(lambda name: len(name) <= 36)


@given(ENDPOINTS, st.integers(1, 999_999), st.integers(1, 99))
def test_names_are_names_and_lead_back_to_the_version(endpoint: str, number: int, count: int) -> None:
    serving = Serving(endpoint, ROLE, Instances("ml.m5.large", 1))
    plan = plan_of(replace(VERSION, version=number), "image", serving)
    configuration = configuration_of(plan, count, None)
    for name in (plan.model["ModelName"], configuration["EndpointConfigName"]):
        assert NAME.fullmatch(name)
        assert len(name) <= 63
    assert identity_of(endpoint, configuration["EndpointConfigName"]) == plan.identity
    assert plan.identity.version == number


CHANGES: list[dict[str, Any]] = [
    {"endpoint": "other"},
    {"role_arn": f"{ROLE}2"},
    {"variant": Instances("ml.m5.xlarge", 2)},
    {"variant": Serverless(1024, 5)},
    {"image": "another"},
    {"environment": {"A": "b"}},
    {"isolated": False},
    {"network": None},
    {"key_arn": None},
    {"capture": Capture(21, "s3://models/capture")},
    {"capture": None},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_whatever_changes_how_a_model_is_served_changes_its_identity(change: dict[str, Any]) -> None:
    serving = serving_of(json.dumps(SERVING))
    before, after = plan_of(VERSION, "i", serving), plan_of(VERSION, "i", replace(serving, **change))
    assert str(before.identity) != str(after.identity) or before.endpoint != after.endpoint


@pytest.mark.parametrize(
    "change", [{"variant": Instances("ml.m5.large", 9)}, {"guardrails": None}, {"guardrails": Guardrails()}], ids=str
)
def test_whatever_else_changes_does_not(change: dict[str, Any]) -> None:
    serving = serving_of(json.dumps(SERVING))
    before, after = plan_of(VERSION, "i", serving), plan_of(VERSION, "i", replace(serving, **change))
    assert before.identity == after.identity
    assert before.model == after.model


def test_another_artifact_is_another_model() -> None:
    serving = serving_of(json.dumps(SERVING))
    other = replace(VERSION, artifact=replace(VERSION.artifact, sha256="b" * 64))
    assert plan_of(VERSION, "i", serving).identity != plan_of(other, "i", serving).identity


@pytest.mark.parametrize(
    "name", [None, "", "first", "e-v1", "e-vx-0123456789ab", "other-v1-0123456789ab", "e-v1-0123456789ab-2-3"]
)
def test_configurations_of_somebody_else_have_no_identity(name: str | None) -> None:
    assert identity_of("e", name) is None


def test_an_endpoint_scaled_to_nothing_gets_one_machine() -> None:
    plan = plan_of(VERSION, "i", serving_of(json.dumps(SERVING)))
    assert configuration_of(plan, 0, None)["ProductionVariants"][0]["InitialInstanceCount"] == 1


def test_guardrails_as_sagemaker_wants_them() -> None:
    assert guardrails_of(Guardrails(maximum_seconds=3600)) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
            "TerminationWaitInSeconds": 0,
            "MaximumExecutionTimeoutInSeconds": 3600,
        }
    }
