"""Model packages of SageMaker as versions of the registry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from botocore.exceptions import ClientError

from modelkit.cloud.bucket import hash_object, read_object
from modelkit.documents import Artifact, Lineage, Status, Threshold, Version, read_version
from modelkit.errors import DocumentError, ModelkitError, SettingsError
from modelkit.reader import Reader, is_number, parse_json

_GROUP = re.compile(
    r"(?:arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package-group/)?(?P<name>[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62})"
)
_ANY = re.compile(r".+")


@dataclass(frozen=True)
class Group:
    """A package group: `name` for documents and events, `reference` for requests (an ARN if another account has it)."""

    name: str
    reference: str

    @property
    def owner(self) -> str:
        """Partition, region and account of an ARN, as every ARN of its packages begins; empty for a plain name."""
        return self.reference.partition(":model-package-group/")[0] if self.reference.startswith("arn:") else ""


@dataclass(frozen=True)
class Summary:
    """A package as the list of its group shows it."""

    version: int
    arn: str
    status: Status


@dataclass(frozen=True)
class Registry:
    """Where packages are read, and the files that they name."""

    sagemaker: Any
    s3: Any
    group: Group
    model_name: str


def group_of(text: str) -> Group:
    """The group by its name or ARN. Raises SettingsError for what is neither."""
    match = _GROUP.fullmatch(text)
    if match is None:
        raise SettingsError(f"PACKAGE_GROUP: got {text!r}, expected the name or the ARN of a model package group")
    return Group(match["name"], text)


def list_packages(registry: Registry) -> list[Summary]:
    """The packages of the group that are complete, the oldest first."""
    pages = registry.sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=registry.group.reference, ModelPackageType="Versioned"
    )
    found = [item for page in pages for item in page["ModelPackageSummaryList"]]
    return sorted((_summary(item) for item in found if _is_complete(item)), key=lambda summary: summary.version)


def _is_complete(item: Mapping[str, Any]) -> bool:
    return item["ModelPackageStatus"] == "Completed" and "ModelPackageVersion" in item


def _summary(item: Mapping[str, Any]) -> Summary:
    # A package that nobody has said anything about waits for somebody to.
    status = item.get("ModelApprovalStatus", "PendingManualApproval")
    return Summary(int(item["ModelPackageVersion"]), str(item["ModelPackageArn"]), cast(Status, status))


def image_of(registry: Registry, arn: str) -> str:
    """The image that a package was registered with."""
    return str(_container(_describe(registry, arn), arn)["Image"])


def read_package(registry: Registry, summary: Summary) -> Version:
    """A package as a version, with what its files say. Raises DocumentError that names the package and its lacks."""
    package = _describe(registry, summary.arn)
    try:
        uri = str(_container(package, summary.arn).get("ModelDataUrl", ""))
        sha256, size = hash_object(registry.s3, uri)
        metrics = _metrics(registry, package)
        version = version_of(package, registry, Artifact(uri, sha256, size), metrics)
    except DocumentError as error:
        problems = [f"{error.where}: {problem}" for problem in error.problems]
        raise DocumentError(summary.arn, problems if error.where != summary.arn else error.problems) from error
    except ModelkitError as error:
        raise DocumentError(summary.arn, [str(error)]) from error
    return replace(version, status=summary.status)


def version_of(
    package: Mapping[str, Any], registry: Registry, artifact: Artifact, metrics: dict[str, float]
) -> Version:
    """The version that a described package is. Raises DocumentError that lists what it lacks."""
    arn = str(package["ModelPackageArn"])
    metadata = Reader(package.get("CustomerMetadataProperties", {}), "CustomerMetadataProperties")
    lineage = Lineage(*(metadata.text(name, _ANY, "a text") for name in ("data", "code", "execution")))
    threshold = Threshold(metadata.text("metric", _ANY, "a text"), _minimum(metadata))
    metadata.finish(arn)
    version = Version(
        group=registry.group.name,
        name=registry.model_name,
        version=int(package["ModelPackageVersion"]),
        status=cast(Status, package.get("ModelApprovalStatus", "PendingManualApproval")),
        artifact=artifact,
        metrics=metrics,
        threshold=threshold,
        lineage=lineage,
        created_at=_time(package["CreationTime"]),
    )
    return read_version(version.to_json(), arn)


def _describe(registry: Registry, arn: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = registry.sagemaker.describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        raise DocumentError(arn, [str(error)]) from error
    return found


def _container(package: Mapping[str, Any], arn: str) -> Mapping[str, Any]:
    containers = package.get("InferenceSpecification", {}).get("Containers", [])
    if len(containers) != 1:
        raise DocumentError(arn, [f"InferenceSpecification.Containers: got {len(containers)}, expected one"])
    return cast(Mapping[str, Any], containers[0])


def _minimum(metadata: Reader) -> float:
    """Metadata are texts."""
    try:
        return float(metadata.text("threshold", _ANY, "a text"))
    except ValueError:
        metadata.refuse("threshold", "a number as text")
        return 0.0


def _metrics(registry: Registry, package: Mapping[str, Any]) -> dict[str, float]:
    """What the evaluation measured: `{"metrics": {"r2": {"value": 0.8}, …}}`."""
    statistics = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    uri = str(statistics.get("S3Uri", ""))
    if not uri:
        raise DocumentError(str(package["ModelPackageArn"]), ["ModelMetrics.ModelQuality.Statistics: is missing"])
    return metrics_of(read_object(registry.s3, uri), uri)


def metrics_of(evaluation: bytes, where: str) -> dict[str, float]:
    """The metrics in an evaluation.json. Raises DocumentError when there are none, or one has no finite value."""
    document = parse_json(evaluation, where)
    metrics = document.get("metrics") if isinstance(document, dict) else None
    if not isinstance(metrics, dict) or not metrics:
        raise DocumentError(where, ['expected {"metrics": {"<name>": {"value": <number>}}}'])
    return dict(_values(metrics, where))


def _values(metrics: Mapping[str, Any], where: str) -> Iterator[tuple[str, float]]:
    for name, measured in sorted(metrics.items()):
        value = measured.get("value") if isinstance(measured, dict) else None
        if not is_number(value):
            raise DocumentError(where, [f"metrics.{name}.value: got {json.dumps(value)}, expected a finite number"])
        yield name, cast(float, value)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
