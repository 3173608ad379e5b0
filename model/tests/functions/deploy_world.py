"""A package group, an endpoint, and the function that keeps mirror and endpoint in step with the group."""

from __future__ import annotations

import json
from typing import Any

from fake_sagemaker import ENDPOINT, GROUP, FakeSageMaker
from functions.deploy_endpoint.handler import handler
from model_world import World

from modelkit.cloud import deployment
from modelkit.cloud.environment import client
from modelkit.hashing import canonical_json, sha256_hex

SERVING: dict[str, Any] = {
    "endpoint": ENDPOINT,
    "image": f"repo/predict@sha256:{'a' * 64}",
    "roleArn": "arn:aws:iam::123456789012:role/serve",
    "instances": {"type": "ml.m5.large", "count": 2},
    "network": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]},
    "keyArn": "arn:aws:kms:us-east-1:123456789012:key/1234abcd",
    "capture": {"percent": 20, "destination": "s3://models/capture"},
    "deployment": {
        "strategy": "canary",
        "percent": 10,
        "waitSeconds": 1800,
        "terminationWaitSeconds": 300,
        "alarms": ["errors", "latency"],
    },
}


class Deployments:
    def __init__(self, world: World, group: str = GROUP) -> None:
        self.world = world
        self.sagemaker = FakeSageMaker(group)
        world.set(PACKAGE_GROUP=GROUP, MODEL_REGISTRY=world.registry)
        self.serve(SERVING)
        clients = {"sagemaker": self.sagemaker.client, "s3": world.s3}
        world.monkeypatch.setattr(deployment, "client", lambda name: clients.get(name) or client(name))

    def serve(self, serving: dict[str, Any]) -> None:
        self.world.set(SERVING=json.dumps(serving))

    def register(self, version: int, status: str = "PendingManualApproval", r2: float = 0.8, **fields: Any) -> None:
        """A package with its files."""
        folder = f"runs/e{version}"
        location = f"s3://{self.world.models}/{folder}"
        self.world.put(self.world.models, f"{folder}/model.tar.gz", self.artifact(version))
        evaluation = {"schema": 1, "metrics": {"r2": {"value": r2}, "rmse": {"value": 10.0}}}
        self.world.put(self.world.models, f"{folder}/evaluation.json", canonical_json(evaluation))
        self.sagemaker.register(version, status)
        package = self.sagemaker.packages[version]
        package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] = f"{location}/model.tar.gz"
        package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] = f"{location}/evaluation.json"
        package.update(fields)

    @staticmethod
    def artifact(version: int) -> bytes:
        return f"model {version}".encode()

    def send(self, event: Any) -> dict[str, Any]:
        """Calls the function; what it answers is JSON."""
        answer: dict[str, Any] = json.loads(json.dumps(handler(event, None)))
        return answer

    def say(self, version: int, status: str) -> dict[str, Any]:
        return self.send(self.sagemaker.say(version, status))

    def approve(self, version: int) -> dict[str, Any]:
        return self.say(version, "Approved")

    def settled(self, *versions: int) -> None:
        """Registers versions and takes each through approval and deployment."""
        for version in versions:
            self.register(version)
            self.approve(version)
            self.sagemaker.settle()

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """What was asked of SageMaker."""
        return [params for name, params in self.sagemaker.calls if name == operation]

    def document(self, name: str) -> Any:
        return self.world.json(f"registry/{GROUP}/{name}.json")

    def mirror(self) -> dict[str, bytes]:
        """Everything in the mirror but the notes of deployments."""
        prefix = f"registry/{GROUP}/"
        keys = [key for key in self.world.keys(prefix) if "/deployments/" not in key]
        return {key.removeprefix(prefix): self.world.body(self.world.models, key) for key in keys}

    def sha(self, version: int) -> str:
        return sha256_hex(self.artifact(version))
