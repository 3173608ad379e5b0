"""What becomes of an endpoint as versions are approved, rejected and approved again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from deploy_world import SERVING, Deployments
from fake_sagemaker import ENDPOINT, GROUP, Fault
from model_world import World

from modelkit.cloud.deployment import EndpointBusy, EndpointStuck
from modelkit.errors import RequestError, SettingsError


@pytest.fixture
def lab(world: World) -> Deployments:
    return Deployments(world)


def asked(lab: Deployments, operation: str) -> list[dict[str, Any]]:
    return [params for name, params in lab.sagemaker.calls if name == operation]


def test_the_first_version_makes_the_endpoint(lab: Deployments) -> None:
    lab.register(1)
    assert lab.say(1, "PendingManualApproval")["reason"] == "no version is approved"
    answer = lab.approve(1)
    assert answer["action"] == "create"
    assert answer["version"] == 1
    (model,) = asked(lab, "CreateModel")
    assert model == {
        "ModelName": model["ModelName"],
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/serve",
        "PrimaryContainer": {
            "Image": f"repo/predict@sha256:{'a' * 64}",
            "ModelDataUrl": f"s3://{lab.world.models}/runs/e1/model.tar.gz",
            "Environment": {"MODEL_NAME": "housing", "MODEL_VERSION": "1", "MODEL_SHA256": lab.sha(1)},
        },
        "EnableNetworkIsolation": True,
        "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    }
    (configuration,) = asked(lab, "CreateEndpointConfig")
    assert configuration == {
        "EndpointConfigName": answer["endpointConfig"],
        "ProductionVariants": [
            {
                "VariantName": "serving",
                "ModelName": model["ModelName"],
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
                "InitialVariantWeight": 1.0,
            }
        ],
        "KmsKeyId": SERVING["keyArn"],
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 20,
            "DestinationS3Uri": "s3://models/capture",
            "KmsKeyId": SERVING["keyArn"],
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        },
    }
    assert asked(lab, "CreateEndpoint") == [
        {"EndpointName": ENDPOINT, "EndpointConfigName": answer["endpointConfig"]},
    ]


def test_a_newer_version_comes_by_canary_and_keeps_what_has_scaled(lab: Deployments) -> None:
    lab.settled(1)
    lab.sagemaker.scale(7)
    lab.register(2)
    answer = lab.approve(2)
    assert answer["action"] == "update"
    assert asked(lab, "UpdateEndpoint") == [
        {
            "EndpointName": ENDPOINT,
            "EndpointConfigName": answer["endpointConfig"],
            "DeploymentConfig": {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "CANARY",
                        "WaitIntervalInSeconds": 1800,
                        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                    },
                    "TerminationWaitInSeconds": 300,
                },
                "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}, {"AlarmName": "latency"}]},
            },
        }
    ]
    configuration = asked(lab, "CreateEndpointConfig")[-1]
    assert configuration["ProductionVariants"][0]["InitialInstanceCount"] == 7
    assert configuration["DataCaptureConfig"]["EnableCapture"] is True
    lab.sagemaker.settle()
    assert lab.sagemaker.served() == 2


def test_the_same_event_twice_is_one_deployment(lab: Deployments) -> None:
    lab.settled(1)
    lab.register(2)
    lab.approve(2)
    event = lab.sagemaker.event(2)
    changes = lab.sagemaker.changes()
    assert lab.send(event)["reason"] == "this deployment is under way: Updating"
    lab.sagemaker.settle()
    lab.sagemaker.scale(9)
    assert lab.send(event)["reason"] == "this deployment is in place"
    assert lab.sagemaker.changes() == changes
    assert len(asked(lab, "CreateModel")) == 2


def test_what_was_rolled_back_is_not_tried_again_by_itself(lab: Deployments) -> None:
    lab.settled(1)
    lab.register(2)
    lab.approve(2)
    changes = lab.sagemaker.changes()
    lab.sagemaker.settle(good=False)
    assert lab.sagemaker.served() == 1
    for event in (lab.sagemaker.event(2), lab.sagemaker.in_service()):
        answer = lab.send(event)
        assert answer["action"] == "ignore"
        assert "did not last: reject the version and approve it anew" in answer["reason"]
    assert lab.sagemaker.changes() == changes
    lab.say(2, "Rejected")
    assert lab.approve(2)["action"] == "update"
    lab.sagemaker.settle()
    assert lab.sagemaker.served() == 2


def test_other_settings_are_another_deployment(lab: Deployments) -> None:
    lab.settled(1)
    lab.serve({**SERVING, "instances": {"type": "ml.m5.xlarge", "count": 2}})
    assert lab.send(lab.sagemaker.event(1))["action"] == "update"
    lab.sagemaker.settle()
    assert lab.send(lab.sagemaker.event(1))["action"] == "ignore"


def test_how_traffic_shifts_is_none_of_what_is_deployed(lab: Deployments) -> None:
    lab.settled(1)
    lab.serve({**SERVING, "deployment": {"strategy": "linear", "percent": 25, "waitSeconds": 60}})
    assert lab.send(lab.sagemaker.event(1))["action"] == "ignore"
    lab.register(2)
    lab.approve(2)
    routing = asked(lab, "UpdateEndpoint")[0]["DeploymentConfig"]["BlueGreenUpdatePolicy"][
        "TrafficRoutingConfiguration"
    ]
    assert routing["LinearStepSize"] == {"Type": "CAPACITY_PERCENT", "Value": 25}


def test_older_versions_are_ignored(lab: Deployments, capsys: pytest.CaptureFixture[str]) -> None:
    lab.register(1)
    lab.settled(2)
    changes = lab.sagemaker.changes()
    assert lab.approve(1) == {
        "action": "ignore",
        "version": 1,
        "reason": "version 1 is not the newest that is approved: that is 2",
    }
    assert lab.sagemaker.changes() == changes
    assert '"reason": "version 1 is not the newest' in capsys.readouterr().out
    # Its package is gone: what is deployed still is the newer one.
    del lab.sagemaker.packages[2]
    assert lab.send(lab.sagemaker.event(1))["reason"] == "version 1 is older than the one deployed"
    assert lab.sagemaker.changes() == changes


def test_an_older_version_does_not_come_after_a_newer_one_that_is_on_its_way(lab: Deployments) -> None:
    lab.settled(1)
    lab.register(2)
    lab.register(3)
    lab.approve(3)
    del lab.sagemaker.packages[3]
    assert lab.approve(2)["reason"] == "version 2 is older than the one being deployed"


def test_another_group_is_ignored_and_logged(lab: Deployments, capsys: pytest.CaptureFixture[str]) -> None:
    other = lab.sagemaker.register(1, "Approved")
    event = lab.sagemaker.event(1)
    event["detail"]["ModelPackageGroupName"] = "somebody-elses"
    assert lab.send(event) == {
        "action": "ignore",
        "version": None,
        "reason": f"package group 'somebody-elses', this function deploys {GROUP}",
    }
    assert lab.sagemaker.calls == []
    assert lab.world.keys() == []
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert line["level"] == "WARNING"
    assert line["message"] == "event ignored"
    assert other


def test_a_group_of_another_account_is_asked_by_its_arn(lab: Deployments) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:model-package-group/{GROUP}"
    lab.world.set(PACKAGE_GROUP=arn)
    lab.register(1)
    assert lab.approve(1)["action"] == "create"
    assert {params["ModelPackageGroupName"] for params in asked(lab, "ListModelPackages")} == {arn}
    event = lab.sagemaker.event(1)
    event["detail"]["ModelPackageArn"] = lab.sagemaker.arn(1).replace("123456789012", "210987654321")
    assert lab.send(event)["reason"].startswith("a group of the same name in arn:aws:sagemaker:us-east-1:210987654321")


def test_while_another_change_is_under_way_lambda_has_to_try_again(lab: Deployments) -> None:
    lab.settled(1)
    lab.register(2)
    lab.approve(2)
    lab.register(3)
    event = lab.sagemaker.say(3, "Approved")
    with pytest.raises(
        EndpointBusy, match=f"{ENDPOINT}, version 3: another change of the endpoint is under way: Updating"
    ):
        lab.send(event)
    assert lab.document("approved")["version"] == 3
    lab.sagemaker.settle()
    assert lab.send(event)["action"] == "update"


def test_what_came_during_a_long_change_is_deployed_after_it(lab: Deployments) -> None:
    lab.settled(1)
    lab.register(2)
    lab.approve(2)
    lab.register(3)
    with pytest.raises(EndpointBusy):
        lab.approve(3)
    lab.sagemaker.settle()
    assert lab.send(lab.sagemaker.in_service())["action"] == "update"
    lab.sagemaker.settle()
    assert lab.sagemaker.served() == 3
    assert lab.send(lab.sagemaker.in_service())["action"] == "ignore"


@pytest.mark.parametrize(("operation", "moment"), [("CreateEndpoint", 1), ("UpdateEndpoint", 2)])
def test_two_invocations_at_the_same_moment_are_one_deployment(lab: Deployments, operation: str, moment: int) -> None:
    if moment == 2:
        lab.settled(1)
    lab.register(moment)
    event = lab.sagemaker.say(moment, "Approved")
    before = len(lab.sagemaker.changes())

    def other() -> None:
        assert lab.send(event)["action"] in ("create", "update")

    with lab.sagemaker.meanwhile(operation, other), pytest.raises(EndpointBusy, match="another invocation was quicker"):
        lab.send(event)
    assert lab.send(event)["action"] == "ignore"
    # The loser asked as well and was refused.
    begun = lab.sagemaker.changes()[before:]
    assert len(set(begun)) == 1
    assert len(lab.sagemaker.models) == moment


def test_a_crash_between_configuration_and_update_is_made_up_for(lab: Deployments) -> None:
    lab.settled(1)
    lab.register(2)
    event = lab.sagemaker.say(2, "Approved")

    def crash() -> None:
        raise Fault("rate exceeded", "ThrottlingException")

    with lab.sagemaker.meanwhile("UpdateEndpoint", crash), pytest.raises(ClientError):
        lab.send(event)
    assert lab.send(event)["action"] == "update"
    assert len(asked(lab, "CreateModel")) == 3


def test_rejecting_what_is_deployed_leads_back(lab: Deployments) -> None:
    lab.settled(1, 2)
    answer = lab.say(2, "Rejected")
    assert answer["action"] == "update"
    assert answer["version"] == 1
    lab.sagemaker.settle()
    assert lab.sagemaker.served() == 1
    assert lab.send(lab.sagemaker.in_service())["action"] == "ignore"


def test_a_way_back_that_does_not_last_is_not_gone_for_ever(lab: Deployments) -> None:
    lab.settled(1, 2)
    lab.say(2, "Rejected")
    changes = lab.sagemaker.changes()
    lab.sagemaker.settle(good=False)
    for _ in range(3):
        assert lab.send(lab.sagemaker.in_service())["action"] == "ignore"
    assert lab.sagemaker.changes() == changes


def test_rejecting_the_only_version_leaves_the_endpoint(lab: Deployments) -> None:
    lab.settled(1)
    changes = lab.sagemaker.changes()
    assert lab.say(1, "Rejected")["reason"] == "no version is approved"
    assert lab.sagemaker.changes() == changes
    assert "approved.json" not in lab.mirror()


def test_an_endpoint_that_failed_is_made_anew_for_another_version(lab: Deployments) -> None:
    lab.register(1)
    lab.approve(1)
    lab.sagemaker.settle(good=False)
    assert lab.send(lab.sagemaker.event(1))["reason"] == "this deployment has failed: the container does not answer"
    lab.register(2)
    event = lab.sagemaker.say(2, "Approved")
    with pytest.raises(EndpointBusy, match="the endpoint has failed: the container does not answer; deleted"):
        lab.send(event)
    assert lab.send(event)["action"] == "create"
    lab.sagemaker.settle()
    assert lab.sagemaker.served() == 2


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        ("Deleting", EndpointBusy, "the endpoint is being deleted"),
        ("SystemUpdating", EndpointBusy, "another change of the endpoint is under way: SystemUpdating"),
        ("UpdateRollbackFailed", EndpointStuck, "delete the endpoint, then approve version 2 anew"),
    ],
)
def test_states_that_allow_no_change(lab: Deployments, status: str, error: type[Exception], message: str) -> None:
    lab.settled(1)
    assert lab.sagemaker.endpoint is not None
    lab.sagemaker.endpoint["EndpointStatus"] = status
    lab.register(2)
    changes = lab.sagemaker.changes()
    with pytest.raises(error, match=message):
        lab.approve(2)
    assert lab.sagemaker.changes() == changes


def test_an_endpoint_that_somebody_else_made_is_taken_over_with_its_variant(lab: Deployments) -> None:
    lab.sagemaker.client.create_model(ModelName="first", ExecutionRoleArn=SERVING["roleArn"])
    variant = {"VariantName": "AllTraffic", "ModelName": "first", "InstanceType": "ml.m5.large"}
    lab.sagemaker.client.create_endpoint_config(
        EndpointConfigName="first", ProductionVariants=[{**variant, "InitialInstanceCount": 3}]
    )
    lab.sagemaker.client.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName="first")
    lab.sagemaker.settle()
    lab.register(1)
    assert lab.approve(1)["reason"] == "in place of first"
    made = asked(lab, "CreateEndpointConfig")[-1]["ProductionVariants"][0]
    assert (made["VariantName"], made["InitialInstanceCount"]) == ("AllTraffic", 3)


def test_a_serverless_variant_has_neither_count_nor_guardrails(lab: Deployments) -> None:
    lab.serve(
        {
            "endpoint": ENDPOINT,
            "roleArn": SERVING["roleArn"],
            "keyArn": SERVING["keyArn"],
            "serverless": {"memoryMb": 2048, "maxConcurrency": 5},
        }
    )
    lab.settled(1, 2)
    (first, _) = asked(lab, "CreateEndpointConfig")
    assert first == {
        "EndpointConfigName": first["EndpointConfigName"],
        "ProductionVariants": [
            {
                "VariantName": "serving",
                "ModelName": first["ProductionVariants"][0]["ModelName"],
                "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
                "InitialVariantWeight": 1.0,
            }
        ],
    }
    (update,) = asked(lab, "UpdateEndpoint")
    assert "DeploymentConfig" not in update
    models = asked(lab, "CreateModel")
    assert not any(model["EnableNetworkIsolation"] or "VpcConfig" in model for model in models)
    # Nobody said which image: that with which the model was registered.
    assert models[0]["PrimaryContainer"]["Image"] == f"repo/predict@sha256:{'b' * 64}"


def test_an_error_of_the_service_is_not_hidden(lab: Deployments) -> None:
    lab.settled(1)
    lab.register(2)

    def refuse() -> None:
        raise Fault("not allowed", "AccessDeniedException")

    for operation in ("DescribeEndpoint", "CreateModel"):
        with lab.sagemaker.meanwhile(operation, refuse), pytest.raises(ClientError):
            lab.approve(2)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "event: got None"),
        ({}, "expected SageMaker Model Package State Change or SageMaker Endpoint State Change"),
        ({"detail-type": "SageMaker Model Package State Change"}, "with its detail"),
        ({"detail-type": "Something Else", "detail": {}}, "event: got {'detail-type': 'Something Else'"),
    ],
)
def test_events_that_make_no_sense(lab: Deployments, event: Any, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        lab.send(event)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ModelPackageArn": None}, "detail.ModelPackageArn: got None, expected the ARN of a version"),
        ({"ModelPackageArn": "arn:aws:sagemaker:us-east-1:1:model-package/x/1"}, "expected the ARN of a version"),
        ({"ModelApprovalStatus": "Perhaps"}, "detail.ModelApprovalStatus: got 'Perhaps', expected one of Approved"),
        (
            {"ModelPackageArn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/other/1"},
            f"expected a package of {GROUP}",
        ),
    ],
)
def test_details_that_make_no_sense(lab: Deployments, fields: dict[str, Any], message: str) -> None:
    lab.register(1)
    event = lab.sagemaker.event(1)
    event["detail"] |= fields
    with pytest.raises(RequestError) as caught:
        lab.send(event)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"EndpointName": "other"}, f"endpoint 'other', this function deploys {ENDPOINT}"),
        ({"EndpointStatus": "UPDATING"}, "the endpoint is 'UPDATING'"),
    ],
)
def test_other_news_of_endpoints(lab: Deployments, fields: dict[str, Any], reason: str) -> None:
    event = lab.sagemaker.in_service()
    event["detail"] |= fields
    assert lab.send(event)["reason"] == reason
    assert lab.sagemaker.calls == []


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"PACKAGE_GROUP": "", "MODEL_REGISTRY": ""},
            "environment variables are missing: PACKAGE_GROUP, MODEL_REGISTRY",
        ),
        ({"PACKAGE_GROUP": "a/b"}, "PACKAGE_GROUP: got 'a/b', expected the name or the ARN"),
        ({"SERVING": "{}"}, "SERVING: endpoint: is missing"),
    ],
)
def test_settings_that_make_no_sense(lab: Deployments, variables: dict[str, str], message: str) -> None:
    lab.world.set(**variables)
    with pytest.raises(SettingsError) as caught:
        lab.send({})
    assert message in str(caught.value)
