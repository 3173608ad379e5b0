"""Lifecycle hooks of a shift of a Lambda alias: whether the new version answers, and the alias leads to it."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelkit.cloud.environment import client, optional, required
from modelkit.errors import DocumentError, ModelkitError, RequestError, SettingsError
from modelkit.logs import log
from modelkit.reader import parse_json, shown

#: Below what the function itself is given: whatever happens, there is time left to report it.
_SECONDS = 20
_KIND = "AWS::Lambda::Function"
_SAMPLE = {
    "version": "2.0",
    "routeKey": "GET /models",
    "rawPath": "/models",
    "rawQueryString": "",
    "headers": {"accept": "application/json"},
    "requestContext": {"http": {"method": "GET", "path": "/models"}, "stage": "$default"},
    "isBase64Encoded": False,
}


class CheckFailed(ModelkitError):
    """The new version is not fit for traffic, or the alias does not lead to it."""


@dataclass(frozen=True)
class Subject:
    """What is under test."""

    function: str
    alias: str
    phase: str


def run(event: Any) -> dict[str, str]:
    """What the function answers to CodeDeploy's call, after it has reported it: `status` and `reason`.

    A deployment waits an hour for a hook that says nothing. So whatever goes wrong is reported as a failure; only an
    event that names no deployment leaves nobody to report to, and is a RequestError.
    """
    names = ("DeploymentId", "LifecycleEventHookExecutionId")
    ids = [event.get(name) if isinstance(event, dict) else None for name in names]
    if not all(isinstance(each, str) and each for each in ids):
        raise RequestError(f"event: got {shown(event)}, expected {' and '.join(names)}")
    codedeploy = client("codedeploy")
    try:
        status, reason = "Succeeded", _check(codedeploy, str(ids[0]))
    except Exception as error:
        status, reason = "Failed", f"{type(error).__name__}: {error}"
        trace = None if isinstance(error, ModelkitError) else traceback.format_exc()
        log("ERROR", "hook failed", deployment=ids[0], reason=reason, exception=trace)
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=ids[0], lifecycleEventHookExecutionId=ids[1], status=status
    )
    log("INFO", "hook reported", deployment=ids[0], status=status)
    return {"status": status, "reason": reason}


def _check(codedeploy: Any, deployment: str) -> str:
    found = required("ENVIRONMENT", "PHASE", "TARGET_FUNCTION")
    if found["PHASE"] not in ("before", "after"):
        raise SettingsError(f"PHASE: got {found['PHASE']!r}, expected before or after")
    subject = Subject(found["TARGET_FUNCTION"], optional("ALIAS", "live"), found["PHASE"])
    revision = codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"].get("revision", {})
    version = target_version(revision, subject.function, subject.alias)
    functions = client("lambda", read_timeout=_SECONDS, attempts=2)
    _answers(functions, subject.function, version, version)
    if subject.phase == "before":
        return f"version {version} answers"
    _leads_to(functions.get_alias(FunctionName=subject.function, Name=subject.alias), subject, version)
    _answers(functions, subject.function, subject.alias, version)
    return f"version {version} answers, alias {subject.alias} leads to it"


def target_version(revision: Mapping[str, Any], function: str, alias: str) -> str:
    """The version that a deployment brings to an alias. Raises DocumentError when its AppSpec does not say."""
    content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content")
    if not isinstance(content, str) or not content:
        raise DocumentError("AppSpec", [f"revision of type {shown(revision.get('revisionType'))}: has no content"])
    document = parse_json(content.encode(), "AppSpec")
    resources = document.get("Resources") if isinstance(document, dict) else None
    items = [each for group in resources if isinstance(group, dict) for each in group.values()] if resources else []
    for item in items:
        properties = item.get("Properties", {}) if isinstance(item, dict) and item.get("Type") == _KIND else {}
        if _named(properties, function) and properties.get("Alias") == alias:
            version = str(properties.get("TargetVersion", ""))
            if version.isdecimal():
                return version
            raise DocumentError("AppSpec", [f"TargetVersion: got {shown(version)}, expected the number of a version"])
    raise DocumentError("AppSpec", [f"Resources: expected {_KIND} with Name {function} and Alias {alias}"])


def _named(properties: Mapping[str, Any], function: str) -> bool:
    """By its name or by its ARN, which ends in it."""
    return str(properties.get("Name", "")).split(":")[-1] == function


def _answers(functions: Any, function: str, qualifier: str, version: str) -> None:
    """Asks for the list of models. Raises CheckFailed for anything else, and for an answer of another version."""
    where = f"{function}:{qualifier}"
    answer = functions.invoke(FunctionName=function, Qualifier=qualifier, Payload=json.dumps(_SAMPLE).encode())
    payload = answer["Payload"].read()
    if "FunctionError" in answer:
        raise CheckFailed(f"{where}: ended with an error ({answer['FunctionError']})")
    executed = str(answer.get("ExecutedVersion", version))
    if executed != version:
        raise CheckFailed(f"{where}: version {executed} answered, expected {version}")
    reply = parse_json(payload, where)
    status = reply.get("statusCode") if isinstance(reply, dict) else None
    if status != 200:
        raise CheckFailed(f"{where}: GET /models answered {shown(status)}, expected 200")
    if not isinstance(parse_json(str(reply.get("body", "")).encode(), where), list):
        raise CheckFailed(f"{where}: GET /models did not answer a list")


def _leads_to(alias: Mapping[str, Any], subject: Subject, version: str) -> None:
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    beside = sorted(name for name, weight in weights.items() if weight and name != version)
    if alias.get("FunctionVersion") != version or beside:
        names = " and ".join([str(alias.get("FunctionVersion")), *beside])
        raise CheckFailed(f"{subject.function}:{subject.alias}: leads to version {names}, expected {version} alone")
