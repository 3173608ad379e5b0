"""What becomes of an endpoint where changes meet, fail, or are taken back."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from deploy_world import SERVING, Deployments
from fake_sagemaker import ENDPOINT, Fault

from modelkit.cloud.deployment import EndpointBusy, EndpointStuck


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
    assert len(lab.asked("CreateModel")) == 3


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
    made = lab.asked("CreateEndpointConfig")[-1]["ProductionVariants"][0]
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
    (first, _) = lab.asked("CreateEndpointConfig")
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
    (update,) = lab.asked("UpdateEndpoint")
    assert "DeploymentConfig" not in update
    models = lab.asked("CreateModel")
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
