"""A package group of SageMaker: half of what `fake_sagemaker` is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

GROUP = "slipway-test-housing"
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Document = dict[str, Any]


class Fault(Exception):
    """What the service answers instead."""

    def __init__(self, message: str, code: str = "ValidationException") -> None:
        self.message = message
        self.code = code
        super().__init__(message)


class PackageGroup:
    def __init__(self, group: str) -> None:
        self.group = group
        self.packages: dict[int, Document] = {}

    def register(self, version: int, status: str = "PendingManualApproval", **fields: Any) -> str:
        """A package; `fields` go over those of a sound one."""
        folder = f"s3://models/runs/e{version}"
        sound = {
            "InferenceSpecification": {
                "Containers": [{"Image": f"repo/predict@sha256:{'b' * 64}", "ModelDataUrl": f"{folder}/model.tar.gz"}]
            },
            "ModelMetrics": {
                "ModelQuality": {
                    "Statistics": {"ContentType": "application/json", "S3Uri": f"{folder}/evaluation.json"}
                }
            },
            "CustomerMetadataProperties": {
                "data": f"s3://models/inputs/{version}-run/manifest.json",
                "code": f"sha256:{'c' * 64}",
                "execution": f"execution{version}",
                "metric": "r2",
                "threshold": "0.6",
            },
        }
        self.packages[version] = {
            "ModelPackageName": self.group,
            "ModelPackageGroupName": self.group,
            "ModelPackageVersion": version,
            "ModelPackageArn": self.arn(version),
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": []},
            "ModelApprovalStatus": status,
            "CreationTime": CREATED,
            **sound,
            **fields,
        }
        return self.arn(version)

    def say(self, version: int, status: str) -> Document:
        """Changes the approval of a package; returns the event that says so."""
        self.packages[version]["ModelApprovalStatus"] = status
        return self.event(version)

    def arn(self, version: int) -> str:
        return f"{ARN}:model-package/{self.group.lower()}/{version}"

    def event(self, version: int) -> Document:
        return {
            "version": "0",
            "id": f"event-{version}",
            "source": "aws.sagemaker",
            "detail-type": "SageMaker Model Package State Change",
            "detail": {
                "ModelPackageGroupName": self.group,
                "ModelPackageVersion": version,
                "ModelPackageArn": self.arn(version),
                "ModelApprovalStatus": self.packages[version]["ModelApprovalStatus"],
            },
        }

    def _ListModelPackages(self, asked: Document) -> Document:  # noqa: N802
        if asked["ModelPackageGroupName"].split("/")[-1] != self.group:
            return {"ModelPackageSummaryList": []}
        kept = (
            "ModelPackageName",
            "ModelPackageGroupName",
            "ModelPackageVersion",
            "ModelPackageArn",
            "ModelPackageStatus",
            "ModelApprovalStatus",
            "CreationTime",
        )
        # The newest first and one to a page: both as the service may do it.
        left = sorted(self.packages)[::-1]
        start = int(asked.get("NextToken", "0"))
        page = [{name: self.packages[each][name] for name in kept if name in self.packages[each]} for each in left]
        more = {"NextToken": str(start + 1)} if start + 1 < len(left) else {}
        return {"ModelPackageSummaryList": page[start : start + 1], **more}

    def _DescribeModelPackage(self, asked: Document) -> Document:  # noqa: N802
        version = int(asked["ModelPackageName"].split("/")[-1])
        if version not in self.packages:
            raise Fault(f"ModelPackage {asked['ModelPackageName']} does not exist.")
        return self.packages[version]
