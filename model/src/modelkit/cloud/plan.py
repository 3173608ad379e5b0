"""What a deployment is called and made of: requests to SageMaker as pure functions of version and settings.

Names come from content, so the same version with the same settings is the same model and the same configuration,
however often it is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from modelkit.cloud.serving import Guardrails, Instances, Serving
from modelkit.documents import Version
from modelkit.hashing import digest_of

_DIGITS = 12
#: Of a new endpoint. A living one keeps its own: guardrails shift traffic within one variant.
VARIANT = "serving"
Request = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """A version and a digest of how it is served: what makes two deployments the same."""

    version: int
    digest: str

    def __str__(self) -> str:
        """As it stands in names."""
        return f"v{self.version}-{self.digest}"


@dataclass(frozen=True)
class Plan:
    """One version as it is to be served."""

    identity: Identity
    model: Request
    serving: Serving

    @property
    def endpoint(self) -> str:
        """The endpoint's name."""
        return self.serving.endpoint


def plan_of(version: Version, image: str, serving: Serving) -> Plan:
    """The plan for a version. `image` serves it where the settings name none."""
    content = _model_content(version, serving.image or image, serving)
    name = f"{serving.endpoint}-v{version.version}-{digest_of(content)[:_DIGITS]}"
    model = {"ModelName": name, **content}
    # The count is none of its identity: it is the endpoint's own affair, and changes as it scales.
    identity = {"model": name, "variant": _machines(serving, None), **_configuration_content(serving)}
    return Plan(Identity(version.version, digest_of(identity)[:_DIGITS]), model, serving)


def _model_content(version: Version, image: str, serving: Serving) -> Request:
    variables = {
        "MODEL_NAME": version.name,
        "MODEL_VERSION": str(version.version),
        "MODEL_SHA256": version.artifact.sha256,
    }
    content: Request = {
        "ExecutionRoleArn": serving.role_arn,
        "PrimaryContainer": {
            "Image": image,
            "ModelDataUrl": version.artifact.uri,
            "Environment": {**serving.environment, **variables},
        },
        "EnableNetworkIsolation": serving.isolated,
    }
    if serving.network is not None:
        content["VpcConfig"] = {
            "Subnets": list(serving.network.subnets),
            "SecurityGroupIds": list(serving.network.security_groups),
        }
    return content


def _machines(serving: Serving, count: int | None) -> Request:
    if isinstance(serving.variant, Instances):
        counted = {} if count is None else {"InitialInstanceCount": count}
        return {"InstanceType": serving.variant.type, **counted}
    serverless = {"MemorySizeInMB": serving.variant.memory_mb, "MaxConcurrency": serving.variant.max_concurrency}
    return {"ServerlessConfig": serverless}


def _configuration_content(serving: Serving) -> Request:
    content: Request = {}
    key = serving.key_arn
    if key is not None and isinstance(serving.variant, Instances) and serving.variant.takes_key:
        content["KmsKeyId"] = key
    if serving.capture is not None:
        content["DataCaptureConfig"] = {
            "EnableCapture": True,
            "InitialSamplingPercentage": serving.capture.percent,
            "DestinationS3Uri": serving.capture.destination,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
            **({} if key is None else {"KmsKeyId": key}),
        }
    return content


def configuration_of(plan: Plan, count: int | None, variant: str | None) -> Request:
    """The endpoint configuration. `count` and `variant` are those of the living endpoint, None where there is none."""
    serving = plan.serving
    suffix = ""
    if isinstance(serving.variant, Instances):
        count = max(1, serving.variant.count if count is None else count)
        suffix = f"-{count}"
    machines = _machines(serving, count)
    production = {"VariantName": variant or VARIANT, "ModelName": plan.model["ModelName"], **machines}
    return {
        "EndpointConfigName": f"{serving.endpoint}-{plan.identity}{suffix}",
        "ProductionVariants": [{**production, "InitialVariantWeight": 1.0}],
        **_configuration_content(serving),
    }


def identity_of(endpoint: str, configuration: str | None) -> Identity | None:
    """The deployment behind the name of a configuration; None for one that was made by somebody else."""
    match = re.fullmatch(rf"{re.escape(endpoint)}-v(\d+)-([0-9a-f]{{{_DIGITS}}})(?:-\d+)?", configuration or "")
    return None if match is None else Identity(int(match[1]), match[2])


def guardrails_of(guardrails: Guardrails) -> Request:
    """DeploymentConfig of an update."""
    routing: Request = {
        "Type": guardrails.strategy.upper().replace("-", "_"),
        "WaitIntervalInSeconds": guardrails.wait_seconds,
    }
    if guardrails.percent is not None:
        size = "CanarySize" if guardrails.strategy == "canary" else "LinearStepSize"
        routing[size] = {"Type": "CAPACITY_PERCENT", "Value": guardrails.percent}
    policy: Request = {
        "TrafficRoutingConfiguration": routing,
        "TerminationWaitInSeconds": guardrails.termination_wait_seconds,
    }
    if guardrails.maximum_seconds is not None:
        policy["MaximumExecutionTimeoutInSeconds"] = guardrails.maximum_seconds
    config: Request = {"BlueGreenUpdatePolicy": policy}
    if guardrails.alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in guardrails.alarms]}
    return config
