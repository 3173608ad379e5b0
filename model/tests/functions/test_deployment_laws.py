"""Laws of deployments, whatever happens in which order: MiniStack would be too slow for so many."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fake_sagemaker import ENDPOINT, GROUP, FakeSageMaker
from hypothesis import given, settings
from hypothesis import strategies as st

from modelkit.cloud.deployment import EndpointBusy, Surroundings, deploy
from modelkit.cloud.packages import Group, Registry
from modelkit.cloud.serving import Instances, Serving
from modelkit.index import approved_of, index_of
from modelkit.registry import find_approved, read_index, read_versions
from modelkit.storage import Folder

SERVING = Serving(ENDPOINT, "arn:aws:iam::123456789012:role/serve", Instances("ml.m5.large", 2), "image")
VERSIONS = st.integers(1, 4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), VERSIONS, st.sampled_from(["Approved", "Rejected", "PendingManualApproval"])),
        st.tuples(st.just("again"), VERSIONS, st.just("")),
        st.tuples(st.just("settle"), VERSIONS, st.sampled_from(["good", "bad"])),
        st.tuples(st.just("scale"), st.integers(1, 9), st.just("")),
    ),
    min_size=1,
    max_size=12,
)
FEW = settings(max_examples=25, deadline=None)


class Body(io.BytesIO):
    def iter_chunks(self, size: int) -> Any:
        return iter(lambda: self.read(size), b"")


class Objects:
    """A bucket in which every evaluation is the same and every model is its own name."""

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        data = b'{"metrics": {"r2": {"value": 0.8}}}' if Key.endswith(".json") else Key.encode()
        return {"Body": Body(data), "ETag": "x"}


class Lab:
    def __init__(self, root: str) -> None:
        self.sagemaker = FakeSageMaker()
        for version in range(1, 5):
            self.sagemaker.register(version)
        registry = Registry(self.sagemaker.client, Objects(), Group(GROUP, GROUP), "housing")
        self.store = Folder(Path(root))
        self.known = Surroundings(registry, self.store, SERVING)

    def send(self, event: Any) -> str:
        try:
            return str(deploy(event, self.known)["action"])
        except EndpointBusy:
            return "busy"

    def take(self, step: tuple[str, int, str]) -> None:
        """One thing that happens, with the event that SageMaker sends about it."""
        kind, number, word = step
        if kind == "say":
            self.send(self.sagemaker.say(number, word))
        elif kind == "again":
            self.send(self.sagemaker.event(number))
        elif self.sagemaker.endpoint is not None and kind == "settle":
            self.sagemaker.settle(good=word == "good")
            self.send(self.sagemaker.in_service())
        elif self.sagemaker.endpoint is not None:
            self.sagemaker.scale(number)

    def approved(self) -> list[int]:
        packages = self.sagemaker.packages.items()
        return [version for version, package in packages if package["ModelApprovalStatus"] == "Approved"]


def in_a_lab(act: Callable[[Lab], None]) -> None:
    with tempfile.TemporaryDirectory() as root:
        act(Lab(root))


@FEW
@given(STEPS, VERSIONS)
def test_the_same_event_twice_is_one_deployment(steps: list[tuple[str, int, str]], version: int) -> None:
    def act(lab: Lab) -> None:
        for step in steps:
            lab.take(step)
        for event in (lab.sagemaker.event(version), lab.sagemaker.in_service()):
            lab.send(event)
            changes = lab.sagemaker.changes()
            # What has failed is taken away by the first, for the second to make it anew.
            if "DeleteEndpoint" not in changes[-1:]:
                lab.send(event)
                assert lab.sagemaker.changes() == changes

    in_a_lab(act)


@FEW
@given(STEPS)
def test_the_mirror_follows_from_the_group_alone(steps: list[tuple[str, int, str]]) -> None:
    def act(lab: Lab) -> None:
        for step in steps:
            lab.take(step)
        lab.send(lab.sagemaker.event(1))
        versions = read_versions(lab.store)
        statuses = {version.version: version.status for version in versions}
        assert statuses == {
            number: package["ModelApprovalStatus"] for number, package in lab.sagemaker.packages.items()
        }
        assert read_index(lab.store) == index_of(versions)
        assert find_approved(lab.store) == approved_of(versions)

    in_a_lab(act)


@FEW
@given(STEPS)
def test_when_all_goes_well_the_newest_approved_version_is_served_in_the_end(steps: list[tuple[str, int, str]]) -> None:
    def act(lab: Lab) -> None:
        for kind, number, word in steps:
            lab.take((kind, number, "good" if kind == "settle" else word))
        if not lab.approved():
            return
        lab.send(lab.sagemaker.event(max(lab.approved())))
        for _ in range(4):
            lab.take(("settle", 1, "good"))
        assert lab.sagemaker.served() == max(lab.approved())
        assert lab.sagemaker.endpoint is not None
        assert lab.sagemaker.endpoint["EndpointStatus"] == "InService"

    in_a_lab(act)


@FEW
@given(STEPS)
def test_a_version_that_nobody_approved_is_never_deployed(steps: list[tuple[str, int, str]]) -> None:
    def act(lab: Lab) -> None:
        for step in steps:
            approved, before = set(lab.approved()), len(lab.sagemaker.changes())
            lab.take(step)
            approved |= set(lab.approved())
            for change in lab.sagemaker.changes()[before:]:
                assert change == "DeleteEndpoint" or int(change.split("-v")[1].split("-")[0]) in approved

    in_a_lab(act)
