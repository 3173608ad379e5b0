"""Events that are somebody else's, or make no sense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from deploy_world import Deployments
from fake_sagemaker import ENDPOINT, GROUP

from modelkit.errors import RequestError, SettingsError


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
    assert {params["ModelPackageGroupName"] for params in lab.asked("ListModelPackages")} == {arn}
    event = lab.sagemaker.event(1)
    event["detail"]["ModelPackageArn"] = lab.sagemaker.arn(1).replace("123456789012", "210987654321")
    assert lab.send(event)["reason"].startswith("a group of the same name in arn:aws:sagemaker:us-east-1:210987654321")


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
