"""Whether and how an endpoint changes: a decision over plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelkit.cloud.plan import Identity
from modelkit.documents import Version
from modelkit.index import newest_approved

Action = Literal["create", "update", "replace", "wait", "ignore", "stuck"]
_MOVING = ("Creating", "Updating", "SystemUpdating", "RollingBack")


@dataclass(frozen=True)
class Live:
    """An endpoint as it stands. Configurations are named; identities are None for those of somebody else."""

    status: str
    configuration: str
    identity: Identity | None
    pending: Identity | None = None
    count: int | None = None
    variant: str | None = None
    reason: str = ""

    @property
    def heading(self) -> Identity | None:
        """What it is becoming, or is."""
        return self.pending or self.identity

    @property
    def standing(self) -> str:
        """What it serves, without what changes as it scales."""
        return self.configuration if self.identity is None else str(self.identity)


@dataclass(frozen=True)
class Tried:
    """A change that was begun before: to a deployment, from what stood then ("" where nothing did)."""

    identity: str
    instead_of: str


@dataclass(frozen=True)
class Target:
    """The version to serve, or why none is to be. `back`: away from one that is no longer approved."""

    version: Version | None
    reason: str = ""
    back: bool = False


@dataclass(frozen=True)
class Verdict:
    """What to do, and why."""

    action: Action
    reason: str


def target_of(versions: Mapping[int, Version], live: Live | None, approved: int | None) -> Target:
    """The version that an event leads to. `approved`: the one that the event says is approved; None for other news."""
    newest = newest_approved(versions.values())
    if newest is None:
        return Target(None, "no version is approved")
    served = None if live is None or live.heading is None else versions.get(live.heading.version)
    if served is not None and served.status != "Approved":
        return Target(newest, f"version {served.version} is {served.status}", back=True)
    if approved is not None and approved != newest.version:
        return Target(None, f"version {approved} is not the newest that is approved: that is {newest.version}")
    return Target(newest)


def decide(target: Identity, live: Live | None, tried: Tried | None, back: bool) -> Verdict:
    """What becomes of an endpoint that shall serve the target."""
    if live is None:
        return Verdict("create", "there is no endpoint yet")
    again = tried is not None and tried.identity == str(target)
    if live.status == "Failed":
        if again:
            return Verdict("ignore", f"this deployment has failed: {live.reason}")
        return Verdict("replace", f"the endpoint has failed: {live.reason}")
    if live.status == "UpdateRollbackFailed":
        return Verdict("stuck", live.reason)
    if live.status == "Deleting":
        return Verdict("wait", "the endpoint is being deleted")
    if live.status in _MOVING:
        return _while_moving(target, live, again, back)
    return _while_standing(target, live, tried, back)


def _while_moving(target: Identity, live: Live, again: bool, back: bool) -> Verdict:
    if live.heading == target or (live.pending is None and again):
        return Verdict("ignore", f"this deployment is under way: {live.status}")
    if _is_older(target, live.heading, back):
        return Verdict("ignore", f"version {target.version} is older than the one being deployed")
    return Verdict("wait", f"another change of the endpoint is under way: {live.status}")


def _while_standing(target: Identity, live: Live, tried: Tried | None, back: bool) -> Verdict:
    if live.identity == target:
        return Verdict("ignore", "this deployment is in place")
    if _is_older(target, live.identity, back):
        return Verdict("ignore", f"version {target.version} is older than the one deployed")
    if tried == Tried(str(target), live.standing):
        return Verdict("ignore", "this change was made before and did not last: reject the version and approve it anew")
    return Verdict("update", f"in place of {live.standing}")


def _is_older(target: Identity, than: Identity | None, back: bool) -> bool:
    return not back and than is not None and target.version < than.version
