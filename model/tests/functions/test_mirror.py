"""What services read of a package group."""

from __future__ import annotations

import json
from typing import Any

import pytest
from deploy_world import Deployments
from fake_sagemaker import GROUP
from model_world import World

from modelkit.cloud.mirror import MirrorBusy
from modelkit.documents import parse_approved, parse_version
from modelkit.errors import DocumentError
from modelkit.index import parse_index


@pytest.fixture
def group(world: World) -> Deployments:
    """Without an endpoint: the mirror alone."""
    made = Deployments(world)
    world.monkeypatch.delenv("SERVING")
    return made


def test_a_version_is_described_by_its_package_and_its_files(group: Deployments) -> None:
    group.register(1, r2=0.75)
    assert group.say(1, "PendingManualApproval") == {
        "action": "ignore",
        "version": None,
        "reason": "this environment has no endpoint",
    }
    assert group.document("versions/1") == {
        "schema": 1,
        "group": GROUP,
        "name": "housing",
        "version": 1,
        "status": "PendingManualApproval",
        "artifact": {"uri": f"s3://{group.world.models}/runs/e1/model.tar.gz", "sha256": group.sha(1), "bytes": 7},
        "metrics": {"r2": 0.75, "rmse": 10.0},
        "threshold": {"metric": "r2", "minimum": 0.6},
        "lineage": {
            "data": "s3://models/inputs/1-run/manifest.json",
            "code": f"sha256:{'c' * 64}",
            "execution": "execution1",
        },
        "createdAt": "2026-01-02T03:04:05Z",
    }
    assert group.document("index") == [
        {"name": "housing", "version": "1", "status": "candidate", "metrics": {"r2": 0.75, "rmse": 10.0}}
    ]
    assert "approved.json" not in group.mirror()


def test_the_pointer_names_the_newest_that_is_approved(group: Deployments) -> None:
    for version, status in ((1, "Approved"), (2, "Approved"), (3, "Rejected"), (10, "PendingManualApproval")):
        group.register(version, status)
    group.send(group.sagemaker.event(2))
    assert [(line["version"], line["status"]) for line in group.document("index")] == [
        ("1", "retired"),
        ("2", "serving"),
        ("3", "rejected"),
        ("10", "candidate"),
    ]
    approved = group.document("approved")
    assert approved == {
        "schema": 1,
        "group": GROUP,
        "version": 2,
        "artifact": group.document("versions/2")["artifact"],
    }


def test_what_is_taken_back_is_no_longer_named(group: Deployments) -> None:
    group.register(1, "Approved")
    group.send(group.sagemaker.event(1))
    group.register(2, "Approved")
    group.send(group.sagemaker.event(2))
    group.say(2, "Rejected")
    assert group.document("approved")["version"] == 1
    group.say(1, "Rejected")
    assert sorted(group.mirror()) == ["index.json", "versions/1.json", "versions/2.json"]
    del group.sagemaker.packages[1]
    group.say(2, "Approved")
    assert sorted(group.mirror()) == ["approved.json", "index.json", "versions/2.json"]


def test_every_document_can_be_read_again(group: Deployments) -> None:
    group.register(1, "Approved")
    group.send(group.sagemaker.event(1))
    for name, data in group.mirror().items():
        kind = name.split("/")[0]
        {"versions": parse_version, "index.json": parse_index, "approved.json": parse_approved}[kind](data, name)


def test_news_that_were_missed_are_caught_up_with_and_nothing_is_read_twice(group: Deployments) -> None:
    for version in (1, 2, 3):
        group.register(version, "Approved")
    group.send(group.sagemaker.event(3))
    described = [name for name, _ in group.sagemaker.calls if name == "DescribeModelPackage"]
    assert len(described) == 3
    before = group.mirror()
    group.send(group.sagemaker.event(1))
    assert group.mirror() == before
    assert [name for name, _ in group.sagemaker.calls if name == "DescribeModelPackage"] == described


def test_packages_in_the_making_are_left_out(group: Deployments) -> None:
    group.register(1)
    group.register(2, ModelPackageStatus="InProgress")
    group.register(3, ModelPackageStatus="Failed")
    del group.sagemaker.packages[1]["ModelApprovalStatus"]
    group.send({**group.sagemaker.event(2)})
    assert [line["version"] for line in group.document("index")] == ["1"]


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"CustomerMetadataProperties": {"data": "d"}}, "CustomerMetadataProperties.code: is missing"),
    (
        {
            "CustomerMetadataProperties": {
                "data": "d",
                "code": f"sha256:{'c' * 64}",
                "execution": "e",
                "metric": "accuracy",
                "threshold": "0.5",
            }
        },
        "threshold.metric: got 'accuracy', expected one of r2, within_10_percent, explained_variance",
    ),
    (
        {
            "CustomerMetadataProperties": {
                "data": "d",
                "code": "abc",
                "execution": "e",
                "metric": "r2",
                "threshold": "1.5",
            }
        },
        "threshold.minimum: got 1.5, expected a number from 0 to 1",
    ),
    (
        {
            "CustomerMetadataProperties": {
                "data": "d",
                "code": f"sha256:{'c' * 64}",
                "execution": "e",
                "metric": "r2",
                "threshold": "high",
            }
        },
        "CustomerMetadataProperties.threshold: got 'high', expected a number as text",
    ),
    ({"InferenceSpecification": {"Containers": [{"Image": "i"}, {"Image": "j"}]}}, "got 2, expected one"),
    ({"InferenceSpecification": {"Containers": [{"Image": "i"}]}}, "not a location, expected s3://bucket/key"),
    ({"ModelMetrics": {}}, "ModelMetrics.ModelQuality.Statistics: is missing"),
]


@pytest.mark.parametrize(("fields", "message"), BROKEN)
def test_a_package_that_makes_no_version_is_named_and_holds_up_no_other(
    group: Deployments, capsys: pytest.CaptureFixture[str], fields: dict[str, Any], message: str
) -> None:
    group.register(1, "Approved")
    group.register(2, "Approved", **fields)
    group.register(3)
    group.send(group.sagemaker.event(3))
    assert [line["version"] for line in group.document("index")] == ["1", "3"]
    assert group.document("approved")["version"] == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (said,) = [line for line in lines if line["level"] == "ERROR"]
    assert said["version"] == 2
    assert message in said["reason"]
    with pytest.raises(DocumentError) as caught:
        group.send(group.sagemaker.event(2))
    assert message in str(caught.value)
    assert str(caught.value).startswith(group.sagemaker.arn(2))


@pytest.mark.parametrize(
    ("evaluation", "message"),
    [
        (b"{", "not valid JSON"),
        (b'{"metrics": {}}', "expected {"),
        (b'{"metrics": {"r2": {"value": NaN}}}', "NaN is not a number"),
        (b'{"metrics": {"r2": {"value": "0.9"}}}', 'metrics.r2.value: got "0.9", expected a finite number'),
        (b'{"metrics": {"r2": 0.9}}', "metrics.r2.value: got null"),
    ],
)
def test_an_evaluation_that_says_nothing(group: Deployments, evaluation: bytes, message: str) -> None:
    group.register(1, "Approved")
    uri = group.world.put(group.world.models, "runs/e1/evaluation.json", evaluation)
    with pytest.raises(DocumentError) as caught:
        group.send(group.sagemaker.event(1))
    assert uri in str(caught.value)
    assert message in str(caught.value)


def test_files_that_are_gone(group: Deployments) -> None:
    for name in ("model.tar.gz", "evaluation.json"):
        group.register(1, "Approved")
        group.world.s3.delete_object(Bucket=group.world.models, Key=f"runs/e1/{name}")
        with pytest.raises(DocumentError, match=rf"{group.sagemaker.arn(1)}: s3://.*/runs/e1/{name}"):
            group.send(group.sagemaker.event(1))


def test_a_package_that_goes_while_it_is_read(group: Deployments) -> None:
    group.register(1, "Approved")
    group.register(2)
    event = group.sagemaker.event(2)
    with group.sagemaker.meanwhile("DescribeModelPackage", lambda: group.sagemaker.packages.pop(1)):
        group.send(event)
    assert [line["version"] for line in group.document("index")] == ["2"]


def test_whoever_read_older_news_starts_over(group: Deployments) -> None:
    """Another function writes what it has learnt between this one's question to SageMaker and its writing."""
    group.register(1)
    group.send(group.sagemaker.event(1))
    group.register(2)

    def other() -> None:
        group.approve(1)

    # The answer to the outer function's question is taken before the approval, its writing comes after it.
    with group.sagemaker.meanwhile("DescribeModelPackage", other):
        group.send(group.sagemaker.event(2))
    assert [(line["version"], line["status"]) for line in group.document("index")] == [
        ("1", "serving"),
        ("2", "candidate"),
    ]
    assert group.document("approved")["version"] == 1
    assert group.document("versions/1")["status"] == "Approved"


def test_others_that_never_stop_are_an_error(group: Deployments, monkeypatch: pytest.MonkeyPatch) -> None:
    group.register(1)
    monkeypatch.setattr("modelkit.cloud.mirror.bring_in_line", lambda *_: False)
    with pytest.raises(MirrorBusy, match="changed by others 5 times in a row"):
        group.send(group.sagemaker.event(1))


def test_a_broken_mirror_is_named(group: Deployments) -> None:
    group.register(1)
    where = group.world.put(group.world.models, f"registry/{GROUP}/versions/1.json", b'{"schema": 2}')
    with pytest.raises(DocumentError, match=rf"{where}: schema: got 2, expected a whole number from 1 to 1"):
        group.send(group.sagemaker.event(1))
