"""What becomes of an endpoint as versions are approved, one after the other."""

from __future__ import annotations

import pytest
from deploy_world import SERVING, Deployments
from fake_sagemaker import ENDPOINT


def test_the_first_version_makes_the_endpoint(lab: Deployments) -> None:
    lab.register(1)
    assert lab.say(1, "PendingManualApproval")["reason"] == "no version is approved"
    answer = lab.approve(1)
    assert answer["action"] == "create"
    assert answer["version"] == 1
    (model,) = lab.asked("CreateModel")
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
    (configuration,) = lab.asked("CreateEndpointConfig")
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
    assert lab.asked("CreateEndpoint") == [
        {"EndpointName": ENDPOINT, "EndpointConfigName": answer["endpointConfig"]},
    ]


def test_a_newer_version_comes_by_canary_and_keeps_what_has_scaled(lab: Deployments) -> None:
    lab.settled(1)
    lab.sagemaker.scale(7)
    lab.register(2)
    answer = lab.approve(2)
    assert answer["action"] == "update"
    assert lab.asked("UpdateEndpoint") == [
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
    configuration = lab.asked("CreateEndpointConfig")[-1]
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
    assert len(lab.asked("CreateModel")) == 2


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
    routing = lab.asked("UpdateEndpoint")[0]["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
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
