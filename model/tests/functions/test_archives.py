"""The functions as a Lambda service runs them: handler and layers as archives, settings from the environment."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3.session
import pytest
from fake_sagemaker import GROUP
from model_world import CODE, World
from test_training_request import PARAMETERS

MODEL = Path(__file__).parents[2]
LAYERS = {"modelkit": MODEL / "src" / "modelkit", "lakehouse": MODEL.parent / "data" / "src" / "lakehouse"}
FUNCTIONS = sorted(path.parent.name for path in (MODEL / "functions").glob("*/handler.py"))


def archive(files: dict[str, Path]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, path in files.items():
            out.writestr(name, path.read_bytes())
    return packed.getvalue()


class Cloud:
    """The functions of one world, installed when first called."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = boto3.session.Session().client("lambda")

    def layer(self, name: str) -> str:
        package = LAYERS[name]
        files = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        content = archive({f"python/{name}/{path.relative_to(package)}": path for path in files})
        arn: str = self.client.publish_layer_version(LayerName=name, Content={"ZipFile": content})["LayerVersionArn"]
        return arn

    def install(self, function: str, layers: list[str], **variables: str) -> None:
        self.client.create_function(
            FunctionName=function,
            Runtime="python3.13",
            Handler="handler.handler",
            Role=f"arn:aws:iam::{self.world.account}:role/model",
            Code={"ZipFile": archive({"handler.py": MODEL / "functions" / function / "handler.py"})},
            Layers=[self.layer(name) for name in layers],
            Timeout=60,
            Environment={"Variables": {"ENVIRONMENT": "test", "AWS_ENDPOINT_URL": self.world.endpoint, **variables}},
        )

    def invoke(self, function: str, event: Any) -> Any:
        """What a function answers; an error as its message."""
        answer = self.client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read())
        return payload["errorMessage"] if "FunctionError" in answer else payload


@pytest.fixture
def cloud(world: World) -> Iterator[Cloud]:
    made = Cloud(world)
    yield made
    made.client.close()


def test_all_functions_are_tried_here() -> None:
    assert FUNCTIONS == ["deploy_endpoint", "models_api", "traffic_hook", "training_handler"]


def test_the_api_answers_from_its_archive(world: World, cloud: Cloud) -> None:
    cloud.install("models_api", ["modelkit"], MODEL_REGISTRY=world.registry)
    request = {"rawPath": "/models", "requestContext": {"http": {"method": "GET"}}}
    assert cloud.invoke("models_api", request)["body"] == "[]\n"
    index = [{"name": "housing", "version": "1", "status": "candidate"}]
    world.put(world.models, f"registry/{GROUP}/index.json", json.dumps(index).encode())
    answer = cloud.invoke("models_api", request)
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, index)


def test_the_training_handler_reads_the_lake_from_its_archive(world: World, cloud: Cloud) -> None:
    cloud.install(
        "training_handler",
        ["modelkit", "lakehouse"],
        PIPELINE="p",
        PIPELINE_PARAMETERS=PARAMETERS,
        THRESHOLD_METRIC="r2",
        CODE_DIGEST=CODE,
        MODEL_BUCKET=world.models,
        PROCESSED_BUCKET=world.lake,
    )
    assert cloud.invoke("training_handler", {})["reason"] == "nothing of houses has been published yet"
    said = cloud.invoke("training_handler", {"parameters": {"Threshold": 2}})
    assert said == "parameters.Threshold: got 2, expected a number from 0 to 1"


def test_the_others_start_from_their_archives(world: World, cloud: Cloud) -> None:
    cloud.install("deploy_endpoint", ["modelkit"], PACKAGE_GROUP=GROUP, MODEL_REGISTRY=world.registry)
    other = {"detail-type": "SageMaker Model Package State Change", "detail": {"ModelPackageGroupName": "other"}}
    reason = f"package group 'other', this function deploys {GROUP}"
    assert cloud.invoke("deploy_endpoint", other) == {"action": "ignore", "version": None, "reason": reason}
    cloud.install("traffic_hook", ["modelkit"], PHASE="before", TARGET_FUNCTION="models_api")
    assert cloud.invoke("traffic_hook", {}) == (
        "event: got {}, expected DeploymentId and LifecycleEventHookExecutionId"
    )
