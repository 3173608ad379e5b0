"""Keeps mirror and endpoint in step with the package group: what an event leads to, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from modelkit.cloud.decide import Live, Target, Tried, Verdict, decide, target_of
from modelkit.cloud.environment import client, error_text, optional, required
from modelkit.cloud.mirror import refresh
from modelkit.cloud.news import news_of
from modelkit.cloud.packages import Registry, group_of, image_of, list_packages
from modelkit.cloud.plan import Plan, configuration_of, guardrails_of, identity_of, plan_of
from modelkit.cloud.serving import Instances, Serving, serving_of
from modelkit.documents import Version
from modelkit.errors import ModelkitError
from modelkit.hashing import canonical_json
from modelkit.logs import log
from modelkit.reader import parse_json
from modelkit.storage import Store, open_store


class EndpointBusy(ModelkitError):
    """The endpoint is changing to something else. Lambda tries again, and by then it may have finished."""


class EndpointStuck(ModelkitError):
    """Neither the update nor its rollback went through: nothing but a person can say what shall become of it."""


@dataclass(frozen=True)
class Surroundings:
    """What the function works on. Without `serving` there is a mirror and no endpoint."""

    registry: Registry
    store: Store
    serving: Serving | None


def surroundings() -> Surroundings:
    """From the environment. Raises SettingsError for what is missing or makes no sense."""
    found = required("ENVIRONMENT", "PACKAGE_GROUP", "MODEL_REGISTRY")
    serving = optional("SERVING")
    group, name = group_of(found["PACKAGE_GROUP"]), optional("MODEL_NAME", "housing")
    return Surroundings(
        Registry(client("sagemaker"), client("s3"), group, name),
        open_store(found["MODEL_REGISTRY"]),
        serving_of(serving) if serving else None,
    )


def deploy(event: Any, known: Surroundings) -> dict[str, Any]:
    """What the function answers to an event: what it did (`action`), why (`reason`), and with which version."""
    news = news_of(event, known.registry.group, known.serving.endpoint if known.serving else None)
    if isinstance(news, str):
        log("WARNING", "event ignored", reason=news)
        return {"action": "ignore", "version": None, "reason": news}
    approved = news.version if news.status == "Approved" else None
    versions = refresh(known.store, known.registry, wanted=approved)
    log("INFO", "mirror refreshed", versions=len(versions))
    if known.serving is None:
        return _answer(Verdict("ignore", "this environment has no endpoint"), None)
    return _Deployer(known.registry, known.store, known.serving).follow(versions, approved)


def _answer(verdict: Verdict, version: int | None, **facts: Any) -> dict[str, Any]:
    log("INFO", "decided", action=verdict.action, reason=verdict.reason, version=version, **facts)
    return {"action": verdict.action, "version": version, "reason": verdict.reason, **facts}


@dataclass(frozen=True)
class _Deployer:
    registry: Registry
    store: Store
    serving: Serving

    def follow(self, versions: dict[int, Version], approved: int | None) -> dict[str, Any]:
        """Brings the endpoint to the version that is to be served."""
        self._forget(versions)
        live = self._live()
        target = target_of(versions, live, approved)
        if target.version is None:
            return _answer(Verdict("ignore", target.reason), approved)
        plan = plan_of(target.version, self._image(target.version), self.serving)
        verdict = decide(plan.identity, live, self._tried(target.version.version), target.back)
        return self._do(verdict, plan, live, target)

    def _do(self, verdict: Verdict, plan: Plan, live: Live | None, target: Target) -> dict[str, Any]:
        version = plan.identity.version
        reason = f"{verdict.reason}; {target.reason}" if target.reason else verdict.reason
        verdict = Verdict(verdict.action, reason)
        if verdict.action == "wait":
            raise EndpointBusy(f"{plan.endpoint}, version {version}: {reason}")
        if verdict.action == "stuck":
            raise EndpointStuck(
                f"{plan.endpoint}: its last update failed and could not be undone ({reason}): "
                f"delete the endpoint, then approve version {version} anew"
            )
        if verdict.action == "replace":
            self.registry.sagemaker.delete_endpoint(EndpointName=plan.endpoint)
            raise EndpointBusy(f"{plan.endpoint}, version {version}: {reason}; deleted, the next try creates it")
        if verdict.action == "ignore":
            return _answer(verdict, version)
        return _answer(verdict, version, endpointConfig=self._change(plan, live))

    def _change(self, plan: Plan, live: Live | None) -> str:
        """Makes model and configuration, then the change itself; notes it down once it has begun."""
        sagemaker = self.registry.sagemaker
        count = live.count if live is not None and isinstance(self.serving.variant, Instances) else None
        configuration = configuration_of(plan, count, None if live is None else live.variant)
        name = str(configuration["EndpointConfigName"])
        _unless_there(sagemaker.create_model, plan.model)
        _unless_there(sagemaker.create_endpoint_config, configuration)
        request: dict[str, Any] = {"EndpointName": plan.endpoint, "EndpointConfigName": name}
        try:
            if live is None:
                sagemaker.create_endpoint(**request)
            else:
                guardrails = self.serving.guardrails
                config = {} if guardrails is None else {"DeploymentConfig": guardrails_of(guardrails)}
                sagemaker.update_endpoint(**request, **config)
        except ClientError as error:
            if _has_begun(error):
                raise EndpointBusy(f"{plan.endpoint}: another invocation was quicker: {error_text(error)}") from error
            raise
        self._note(plan, live)
        return name

    def _live(self) -> Live | None:
        try:
            found = self.registry.sagemaker.describe_endpoint(EndpointName=self.serving.endpoint)
        except ClientError as error:
            if "could not find" in error_text(error).lower():
                return None
            raise
        return live_of(found, self.serving.endpoint)

    def _image(self, version: Version) -> str:
        if self.serving.image is not None:
            return self.serving.image
        arns = {summary.version: summary.arn for summary in list_packages(self.registry)}
        return image_of(self.registry, arns[version.version])

    def _path(self, version: int) -> str:
        return f"deployments/{version}.json"

    def _tried(self, version: int) -> Tried | None:
        found = self.store.find(self._path(version))
        if found is None:
            return None
        document = parse_json(found.data, self.store.where(self._path(version)))
        return Tried(str(document["identity"]), str(document["insteadOf"]))

    def _note(self, plan: Plan, live: Live | None) -> None:
        """SageMaker does not keep what was tried: without this, an event that comes again would try it again."""
        instead = "" if live is None else live.standing
        document = {"schema": 1, "version": plan.identity.version, "identity": str(plan.identity), "insteadOf": instead}
        self.store.write(self._path(plan.identity.version), canonical_json(document))

    def _forget(self, versions: dict[int, Version]) -> None:
        """A version that is not approved may be tried once it is."""
        noted = {self._path(number) for number, version in versions.items() if version.status != "Approved"}
        for path in sorted(noted & {f"deployments/{name}" for name in self.store.names("deployments/")}):
            found = self.store.find(path)
            if found is not None:
                self.store.remove(path, found.tag)


def live_of(found: Mapping[str, Any], endpoint: str) -> Live:
    """An endpoint as SageMaker describes it."""
    configuration = str(found.get("EndpointConfigName", ""))
    variants = found.get("ProductionVariants") or [{}]
    return Live(
        status=str(found["EndpointStatus"]),
        configuration=configuration,
        identity=identity_of(endpoint, configuration),
        pending=identity_of(endpoint, found.get("PendingDeploymentSummary", {}).get("EndpointConfigName")),
        count=variants[0].get("CurrentInstanceCount"),
        variant=variants[0].get("VariantName"),
        reason=str(found.get("FailureReason", "no reason given")),
    )


def _unless_there(create: Any, request: dict[str, Any]) -> None:
    """Names come from content: what is there by this name already is what was asked for."""
    try:
        create(**request)
    except ClientError as error:
        if "already existing" not in error_text(error).lower():
            raise


def _has_begun(error: ClientError) -> bool:
    text = error_text(error).lower()
    return "already existing" in text or "in-progress" in text or "in progress" in text
