"""A package group and an endpoint behind a real client of boto3, which holds requests and answers against the API.

Time passes when a test says so: an update is under way until `settle`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.validate import validate_parameters
from fake_packages import ARN, CREATED, GROUP, Document, Fault, PackageGroup
from model_world import make_session

ENDPOINT = "slipway-test-housing"


@dataclass
class _Response:
    status_code: int = 200
    headers: dict[str, str] = field(default_factory=dict)


#: The one that answers; making another takes its place, for a client is dear to make.
_current: list[FakeSageMaker] = []


@functools.cache
def _client() -> Any:
    access = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "us-east-1"}
    client = make_session().client("sagemaker", **access)

    def note(params: Document, model: Any, **_: Any) -> None:
        _current[0].calls.append((model.name, dict(params)))

    client.meta.events.register("provide-client-params.sagemaker", note)
    client.meta.events.register("before-call.sagemaker", lambda model, **_: _current[0].answer(model))
    return client


class FakeSageMaker(PackageGroup):
    def __init__(self, group: str = GROUP) -> None:
        super().__init__(group)
        self.models: dict[str, Document] = {}
        self.configurations: dict[str, Document] = {}
        self.endpoint: Document | None = None
        self.executions: dict[str, str] = {}
        self.calls: list[tuple[str, Document]] = []
        self.before: dict[str, Callable[[], None]] = {}
        self.client = _client()
        _current[:] = [self]

    # What tests do.

    def in_service(self) -> Document:
        """The event of an endpoint that has finished changing."""
        detail = {"EndpointName": ENDPOINT, "EndpointStatus": "IN_SERVICE"}
        return {"source": "aws.sagemaker", "detail-type": "SageMaker Endpoint State Change", "detail": detail}

    def settle(self, good: bool = True) -> None:
        """Ends what is under way. An update that is not good goes back, a creation that is not good fails."""
        live = self._existing()
        pending = live.pop("PendingDeploymentSummary", None)
        if live["EndpointStatus"] == "Creating" and not good:
            live |= {"EndpointStatus": "Failed", "FailureReason": "the container does not answer"}
            return
        if pending is not None and good:
            self._serve(live, pending["EndpointConfigName"])
        live["EndpointStatus"] = "InService"

    def scale(self, count: int) -> None:
        self._existing()["ProductionVariants"][0]["CurrentInstanceCount"] = count

    def served(self) -> int | None:
        """The version that the endpoint stands for."""
        if self.endpoint is None:
            return None
        match = re.search(r"-v(\d+)-", self.endpoint["EndpointConfigName"])
        return None if match is None else int(match[1])

    def changes(self) -> list[str]:
        """What was done to the endpoint, in order: operation and configuration."""
        kinds = ("CreateEndpoint", "UpdateEndpoint", "DeleteEndpoint")
        return [f"{name} {asked.get('EndpointConfigName', '')}".strip() for name, asked in self.calls if name in kinds]

    @contextmanager
    def meanwhile(self, operation: str, act: Callable[[], None]) -> Iterator[None]:
        """Something that happens once, right before an operation is carried out."""
        self.before[operation] = act
        yield
        assert operation not in self.before, f"{operation} was never called"

    # The service.

    def answer(self, model: Any) -> tuple[_Response, Document]:
        """What comes back instead of going out."""
        asked = next(params for name, params in reversed(self.calls) if name == model.name)
        act = self.before.pop(model.name, None)
        try:
            if act is not None:
                act()
            answer = getattr(self, f"_{model.name}")(asked)
        except Fault as fault:
            return _Response(400), {"Error": {"Code": fault.code, "Message": fault.message}}
        if model.output_shape is not None:
            validate_parameters(answer, model.output_shape)
        return _Response(), answer

    def _existing(self) -> Document:
        if self.endpoint is None:
            raise Fault(f'Could not find endpoint "{ARN}:endpoint/{ENDPOINT}".')
        return self.endpoint

    def _CreateModel(self, asked: Document) -> Document:  # noqa: N802
        return self._create(self.models, asked, "ModelName", "model")

    def _CreateEndpointConfig(self, asked: Document) -> Document:  # noqa: N802
        if asked["ProductionVariants"][0]["ModelName"] not in self.models:
            raise Fault(f"Could not find model {asked['ProductionVariants'][0]['ModelName']}.")
        return self._create(self.configurations, asked, "EndpointConfigName", "endpoint-config")

    def _create(self, place: dict[str, Document], asked: Document, key: str, kind: str) -> Document:
        name, arn = asked[key], f"{ARN}:{kind}/{asked[key]}"
        if name in place:
            raise Fault(f'Cannot create already existing {kind} "{arn}".')
        place[name] = asked
        return {key.replace("Name", "Arn"): arn}

    def _DescribeEndpoint(self, asked: Document) -> Document:  # noqa: N802
        return self._existing()

    def _CreateEndpoint(self, asked: Document) -> Document:  # noqa: N802
        if self.endpoint is not None:
            raise Fault(f'Cannot create already existing endpoint "{ARN}:endpoint/{ENDPOINT}".')
        self.endpoint = {
            "EndpointName": asked["EndpointName"],
            "EndpointArn": f"{ARN}:endpoint/{asked['EndpointName']}",
            "EndpointStatus": "Creating",
            "CreationTime": CREATED,
            "LastModifiedTime": CREATED,
        }
        self._serve(self.endpoint, asked["EndpointConfigName"])
        return {"EndpointArn": self.endpoint["EndpointArn"]}

    def _UpdateEndpoint(self, asked: Document) -> Document:  # noqa: N802
        live = self._existing()
        if live["EndpointStatus"] != "InService":
            raise Fault(f'Cannot update in-progress endpoint "{live["EndpointArn"]}".')
        if asked["EndpointConfigName"] not in self.configurations:
            raise Fault(f"Could not find endpoint configuration {asked['EndpointConfigName']}.")
        # What SageMaker demands of guardrails: traffic shifts within a variant.
        old, new = live["ProductionVariants"], self.configurations[asked["EndpointConfigName"]]["ProductionVariants"]
        if "DeploymentConfig" in asked and old[0]["VariantName"] != new[0]["VariantName"]:
            raise Fault("Variant names of the old and the new configuration differ.")
        live["EndpointStatus"] = "Updating"
        live["PendingDeploymentSummary"] = {"EndpointConfigName": asked["EndpointConfigName"]}
        return {"EndpointArn": live["EndpointArn"]}

    def _DeleteEndpoint(self, asked: Document) -> Document:  # noqa: N802
        self._existing()
        self.endpoint = None
        return {}

    def _StartPipelineExecution(self, asked: Document) -> Document:  # noqa: N802
        arn = f"{ARN}:pipeline/{asked['PipelineName']}/execution/e{len(self.executions) + 1}"
        return {"PipelineExecutionArn": self.executions.setdefault(asked["ClientRequestToken"], arn)}

    def _serve(self, live: Document, name: str) -> None:
        variant = self.configurations[name]["ProductionVariants"][0]
        live["EndpointConfigName"] = name
        counted = {"CurrentInstanceCount": variant["InitialInstanceCount"]} if "InitialInstanceCount" in variant else {}
        live["ProductionVariants"] = [{"VariantName": variant["VariantName"], **counted}]
