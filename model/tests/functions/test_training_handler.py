"""The pipeline is started on what the lake published last, once for each thing that there is to learn."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from botocore.stub import ANY, Stubber
from fake_sagemaker import FakeSageMaker
from functions.training_handler.handler import handler
from model_world import CODE, World
from test_training_request import PARAMETERS

from modelkit.cloud import training
from modelkit.cloud.environment import client
from modelkit.errors import DocumentError, RequestError, SettingsError, StorageError
from modelkit.manifest import parse_manifest

HOUSES = {"houses": {"2026-01": 10, "2026-02": 20}}


class Context:
    def __init__(self, request_id: str) -> None:
        self.aws_request_id = request_id


class Trainer:
    def __init__(self, world: World) -> None:
        self.world = world
        self.sagemaker = FakeSageMaker()
        self.use(self.sagemaker.client)
        world.set(
            PIPELINE="slipway-test-training-pipeline",
            PIPELINE_PARAMETERS=PARAMETERS,
            THRESHOLD_METRIC="r2",
            CODE_DIGEST=CODE,
            MODEL_BUCKET=world.models,
            PROCESSED_BUCKET=world.lake,
        )
        self.invocations = 0

    def use(self, sagemaker: Any) -> None:
        clients = {"sagemaker": sagemaker}
        self.world.monkeypatch.setattr(training, "client", lambda name: clients.get(name) or client(name))

    def send(self, event: Any) -> dict[str, Any]:
        self.invocations += 1
        return cast(dict[str, Any], json.loads(json.dumps(handler(event, Context(f"i{self.invocations}")))))

    def starts(self) -> list[dict[str, Any]]:
        return [params for name, params in self.sagemaker.calls if name == "StartPipelineExecution"]


@pytest.fixture
def trainer(world: World) -> Trainer:
    return Trainer(world)


def test_an_execution_gets_the_files_of_the_snapshot(trainer: Trainer) -> None:
    snapshot = trainer.world.publish("r1", HOUSES)
    answer = trainer.send({"parameters": {"Threshold": 0.7}})
    assert answer == {"executionArn": answer["executionArn"], "snapshot": "1-r1", "started": True}
    assert snapshot == "1-r1"
    manifest = f"s3://{trainer.world.models}/inputs/1-r1/manifest.json"
    body = trainer.world.body(trainer.world.models, "inputs/1-r1/manifest.json")
    assert parse_manifest(body, manifest) == [
        f"s3://{trainer.world.lake}/houses/run=r1/part=2026-01/part-0.parquet",
        f"s3://{trainer.world.lake}/houses/run=r1/part=2026-02/part-0.parquet",
    ]
    (start,) = trainer.starts()
    assert start["PipelineName"] == "slipway-test-training-pipeline"
    parameters = {item["Name"]: item["Value"] for item in start["PipelineParameters"]}
    assert parameters["InputManifest"] == manifest
    assert parameters["Threshold"] == "0.7"
    assert parameters["Seed"] == "42"


def test_the_request_is_what_sagemaker_takes(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/slipway-test-training-pipeline/execution/abc"
    sagemaker = client("sagemaker")
    trainer.use(sagemaker)
    with Stubber(sagemaker) as stub:
        stub.add_response(
            "start_pipeline_execution",
            {"PipelineExecutionArn": arn},
            {
                "PipelineName": "slipway-test-training-pipeline",
                "PipelineExecutionDisplayName": ANY,
                "PipelineParameters": ANY,
                "ClientRequestToken": ANY,
            },
        )
        assert trainer.send({})["executionArn"] == arn
        stub.assert_no_pending_responses()


def test_the_same_request_twice_is_the_same_execution(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    first = trainer.send({"parameters": {"Threshold": 0.6}})
    for event in ({}, {"parameters": {"Seed": 42}}, {"detail-type": "Scheduled Event", "detail": {}}):
        assert trainer.send(event) == {**first, "started": False}
    assert len(trainer.starts()) == 1


def test_other_parameters_code_attempts_and_data_are_other_executions(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    answers = [trainer.send({}), trainer.send({"parameters": {"Seed": 1}}), trainer.send({"attempt": 2})]
    trainer.world.set(CODE_DIGEST=f"sha256:{'d' * 64}")
    answers.append(trainer.send({}))
    trainer.world.publish("r2", {"houses": {"2026-01": 11}})
    answers.append(trainer.send({}))
    assert [answer["started"] for answer in answers] == [True] * 5
    assert len({answer["executionArn"] for answer in answers}) == 5
    assert answers[-1]["snapshot"] == "2-r2"


def test_a_snapshot_that_changed_other_tables_alone_is_nothing_new(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    first = trainer.send({})
    trainer.world.publish("r2", {**HOUSES, "orders": {"2026-01-01": 5}})
    assert trainer.send({}) == {**first, "started": False}
    assert trainer.world.keys("inputs/2") == []


def test_of_two_requests_at_the_same_moment_one_has_started_it(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    inner: list[dict[str, Any]] = []
    with trainer.sagemaker.meanwhile("StartPipelineExecution", lambda: inner.append(trainer.send({}))):
        outer = trainer.send({})
    assert [outer["started"], inner[0]["started"]] == [False, True]
    assert outer["executionArn"] == inner[0]["executionArn"]
    tokens = {start["ClientRequestToken"] for start in trainer.starts()}
    assert len(tokens) == 1


def test_an_invocation_that_comes_again_finishes_what_it_began(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died between the start and its note; Lambda tries again."""
    trainer.world.publish("r1", HOUSES)
    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="died"):
        patch.setattr(training, "canonical_json", lambda _: (_ for _ in ()).throw(RuntimeError("died")))
        trainer.send({})
    answer = trainer.send({})
    assert answer["started"] is True
    assert trainer.sagemaker.executions == {trainer.starts()[0]["ClientRequestToken"]: answer["executionArn"]}


@pytest.mark.parametrize("tables", [None, {}, {"orders": {"2026-01-01": 5}}, {"houses": {}}])
def test_where_nothing_is_published_nothing_is_started(
    trainer: Trainer, tables: dict[str, dict[str, int]] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if tables is not None:
        trainer.world.publish("r1", tables)
    assert trainer.send({}) == {
        "executionArn": None,
        "snapshot": None,
        "started": False,
        "reason": "nothing of houses has been published yet",
    }
    assert trainer.starts() == []
    assert trainer.world.keys() == []
    assert json.loads(capsys.readouterr().out)["message"] == "nothing to train"


def test_news_of_other_tables_are_ignored(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    event = {"source": "slipway.data", "detail-type": "Dataset Published", "detail": {"dataset": "orders"}}
    assert trainer.send(event)["reason"] == "'orders' was published, models are trained on houses"
    event["detail"] = {"dataset": "houses", "environment": "test", "version": 1}
    assert trainer.send(event)["started"] is True


def test_a_request_that_makes_no_sense_is_wrong_whatever_the_lake_holds(trainer: Trainer) -> None:
    with pytest.raises(RequestError, match=r"parameters\.Threshold: got 2, expected a number from 0 to 1"):
        trainer.send({"parameters": {"Threshold": 2}})
    with pytest.raises(RequestError, match=r"request\.metric: got 'accuracy'"):
        trainer.send({"metric": "accuracy"})


def test_a_list_of_other_files_under_the_same_name_is_refused(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    where = trainer.world.put(trainer.world.models, "inputs/1-r1/manifest.json", b"[]")
    with pytest.raises(StorageError, match=f"{where}: lists other files than snapshot 1-r1 has"):
        trainer.send({})
    assert trainer.starts() == []


def test_a_note_that_cannot_be_read_is_named(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    trainer.send({})
    (key,) = trainer.world.keys("inputs/executions/")
    where = trainer.world.put(trainer.world.models, key, b'{"snapshot": "1-r1"}')
    with pytest.raises(DocumentError, match=f"{where}: executionArn: is missing"):
        trainer.send({})


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PIPELINE": "", "MODEL_BUCKET": ""}, "variables are missing: PIPELINE, MODEL_BUCKET"),
        ({"CODE_DIGEST": "abc"}, "CODE_DIGEST: got 'abc', expected sha256:<64 hexadecimal digits>"),
        ({"THRESHOLD_METRIC": "accuracy"}, "THRESHOLD_METRIC: got 'accuracy', expected one of r2, within_10_percent"),
    ],
)
def test_settings_that_make_no_sense(trainer: Trainer, variables: dict[str, str], message: str) -> None:
    trainer.world.set(**variables)
    with pytest.raises(SettingsError) as caught:
        trainer.send({})
    assert message in str(caught.value)


def test_without_a_context_an_invocation_has_a_name_of_its_own(trainer: Trainer) -> None:
    trainer.world.publish("r1", HOUSES)
    assert handler({}, None)["started"] is True
    assert handler({}, None)["started"] is False
