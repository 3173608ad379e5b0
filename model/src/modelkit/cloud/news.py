"""What events of SageMaker say, as far as it is anybody's business here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelkit.cloud.packages import Group
from modelkit.documents import STATUSES
from modelkit.errors import RequestError
from modelkit.reader import Reader, shown

_PACKAGE = "SageMaker Model Package State Change"
_ENDPOINT = "SageMaker Endpoint State Change"
_PACKAGE_ARN = re.compile(
    r"(?P<owner>arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}):model-package/(?P<group>[^/\s]+)/(?P<version>\d+)"
)


@dataclass(frozen=True)
class News:
    """What an event says. Both are None when it is about the endpoint."""

    version: int | None
    status: str | None


def news_of(event: Any, group: Group, endpoint: str | None) -> News | str:
    """What an event is about, or why it is none of this function's business. Raises RequestError for a broken one."""
    kind = event.get("detail-type") if isinstance(event, dict) else None
    detail = event.get("detail") if isinstance(event, dict) else None
    if kind not in (_PACKAGE, _ENDPOINT) or not isinstance(detail, dict):
        raise RequestError(f"event: got {shown(event)}, expected {_PACKAGE} or {_ENDPOINT} with its detail")
    return _endpoint_news(detail, endpoint) if kind == _ENDPOINT else _package_news(detail, group)


def _endpoint_news(detail: Mapping[str, Any], endpoint: str | None) -> News | str:
    name, status = detail.get("EndpointName"), str(detail.get("EndpointStatus", ""))
    if name != endpoint:
        return f"endpoint {shown(name)}, this function deploys {endpoint}"
    if status.upper().replace("_", "") != "INSERVICE":
        return f"the endpoint is {shown(status)}"
    return News(None, None)


def _package_news(detail: Mapping[str, Any], group: Group) -> News | str:
    name = detail.get("ModelPackageGroupName")
    if name != group.name:
        return f"package group {shown(name)}, this function deploys {group.name}"
    reader = Reader(detail, "detail")
    match = _PACKAGE_ARN.fullmatch(
        reader.text("ModelPackageArn", _PACKAGE_ARN, "the ARN of a version of a model package")
    )
    status = reader.choice("ModelApprovalStatus", STATUSES)
    # SageMaker writes names of groups in lower case into ARNs.
    if match is not None and match["group"].lower() != group.name.lower():
        reader.refuse("ModelPackageArn", f"a package of {group.name}")
    if match is None or reader.problems:
        raise RequestError("\n".join(reader.problems))
    if group.owner and match["owner"] != group.owner:
        return f"a group of the same name in {match['owner']}, this function deploys {group.reference}"
    return News(int(match["version"]), status)
