"""Definitions of the pipeline, from their golden files, before AWS's own model of requests and an emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator
from moto import mock_aws

Document = dict[str, Any]

GOLDEN = Path(__file__).parents[3] / "test" / "model-pipeline" / "golden"
NAMES = ("dev", "staging", "prod", "tuned", "tracked")
ROLE = "arn:aws:iam::222222222222:role/slipway-dev-model-pipeline"

#: The call that each kind of step comes to, and what SageMaker fills in itself.
CALLS: dict[str, tuple[str, Document]] = {
    "Processing": ("CreateProcessingJob", {"ProcessingJobName": "pipelines-x"}),
    "Training": ("CreateTrainingJob", {"TrainingJobName": "pipelines-x"}),
    "Tuning": ("CreateHyperParameterTuningJob", {"HyperParameterTuningJobName": "pipelines-x"}),
    "RegisterModel": ("CreateModelPackage", {}),
}


def definition(name: str) -> Document:
    loaded: Document = json.loads((GOLDEN / f"{name}.json.snap").read_text())
    return loaded


def every_step(steps: list[Document]) -> Iterator[Document]:
    for step in steps:
        yield step
        if step["Type"] == "Condition":
            yield from every_step(step["Arguments"]["IfSteps"])
            yield from every_step(step["Arguments"]["ElseSteps"])


def resolved(value: Any) -> Any:
    """The value with a text in the place of everything that only an execution knows."""
    if isinstance(value, list):
        return [resolved(part) for part in value]
    if isinstance(value, dict):
        if set(value) in ({"Get"}, {"Std:Join"}):
            return "s3://models/something"
        return {key: resolved(part) for key, part in value.items()}
    return value


def client() -> Any:
    return boto3.client("sagemaker", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_a_request_that_aws_knows(name: str) -> None:
    service = client().meta.service_model
    asked = 0
    for step in every_step(definition(name)["Steps"]):
        if step["Type"] == "Condition":
            continue
        operation, filled = CALLS[step["Type"]]
        request = {**filled, **resolved(step["Arguments"])}
        report = ParamValidator().validate(request, service.operation_model(operation).input_shape)
        assert not report.has_errors(), f"{step['Name']}: {report.generate_report()}"
        asked += 1
    assert asked == 5


def test_an_argument_that_aws_does_not_know_is_found() -> None:
    shape = client().meta.service_model.operation_model("CreateProcessingJob").input_shape
    step = definition("dev")["Steps"][0]
    request = {"ProcessingJobName": "x", **resolved(step["Arguments"]), "Instances": 1}
    assert "Instances" in ParamValidator().validate(request, shape).generate_report()


@pytest.mark.parametrize("name", NAMES)
def test_an_emulator_takes_it_and_runs_it(name: str) -> None:
    text = json.dumps(definition(name))
    with mock_aws():
        sagemaker = client()
        sagemaker.create_pipeline(
            PipelineName="training", PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="t" * 32
        )
        described = sagemaker.describe_pipeline(PipelineName="training")
        assert json.loads(described["PipelineDefinition"]) == json.loads(text)
        started = sagemaker.start_pipeline_execution(
            PipelineName="training",
            PipelineParameters=[{"Name": "InputManifest", "Value": "s3://models/inputs/1/manifest.json"}],
        )
        execution = sagemaker.describe_pipeline_execution(PipelineExecutionArn=started["PipelineExecutionArn"])
        assert execution["PipelineExecutionStatus"] == "Succeeded"
        assert json.loads(
            sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=started["PipelineExecutionArn"])[
                "PipelineDefinition"
            ]
        ) == json.loads(text)
