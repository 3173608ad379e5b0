"""The functions as a Lambda service runs them: handler and layer as archives, settings from the environment."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest
from lake_world import World, orders_csv

DATA = Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in (DATA / "functions").glob("*/handler.py"))


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
        package = DATA / "src" / "lakehouse"
        files = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        layer = archive({f"python/lakehouse/{path.relative_to(package)}": path for path in files})
        published = self.client.publish_layer_version(LayerName="lakehouse", Content={"ZipFile": layer})
        self.layer = published["LayerVersionArn"]

    def invoke(self, function: str, run_id: str) -> Any:
        """What a function answers; an error as its message. MiniStack has one type for all of them."""
        name = f"data-{function}"
        if name not in [found["FunctionName"] for found in self.client.list_functions()["Functions"]]:
            self.client.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Handler="handler.handler",
                Role=f"arn:aws:iam::{self.world.account}:role/data",
                Code={"ZipFile": archive({"handler.py": DATA / "functions" / function / "handler.py"})},
                Layers=[self.layer],
                Timeout=60,
                Environment={"Variables": {**self.world.names, "AWS_ENDPOINT_URL": self.world.endpoint}},
            )
        event = {"runId": run_id, "mode": "live", "prefix": "incoming/"}
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read())
        return payload["errorMessage"] if "FunctionError" in answer else payload


@pytest.fixture
def cloud(world: World) -> Cloud:
    return Cloud(world)


def test_every_function_runs_from_its_archive(world: World, cloud: Cloud) -> None:
    assert FUNCTIONS == ["catalog", "publish", "quality_gate", "quarantine", "validate"]
    world.deliver("incoming/orders/a.csv", orders_csv(1))
    assert cloud.invoke("validate", "r1")["accepted"] == 1
    world.work("r1", score=0.5)
    assert cloud.invoke("catalog", "r1") == {"runId": "r1", "tables": 2, "partitions": 2}
    assert cloud.invoke("quality_gate", "r1")["passed"] is False
    assert cloud.invoke("quarantine", "r1")["outcome"] == "quarantined"
    world.work("r1")
    assert cloud.invoke("quality_gate", "r1")["passed"] is True
    report = f"s3://{world.processed}/_runs/r1/report.json"
    assert cloud.invoke("publish", "r1") == {"runId": "r1", "mode": "live", "outcome": "published", "report": report}
    assert list(world.partitions("orders")) == ["2026-01-01"]


def test_a_lost_race_is_told_by_name(world: World, cloud: Cloud) -> None:
    for run_id, number in (("r1", 1), ("r2", 2)):
        world.deliver(f"incoming/orders/{run_id}.csv", orders_csv(number))
        world.call("validate", run_id)
        world.work(run_id)
    assert cloud.invoke("publish", "r1")["outcome"] == "published"
    assert cloud.invoke("publish", "r2").startswith("StaleBase")
    assert "StaleBase" not in cloud.invoke("publish", "r3")
