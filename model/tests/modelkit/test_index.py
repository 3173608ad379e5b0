"""What follows from the versions of a registry."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkit.documents import STATUSES, Artifact, Lineage, Threshold, Version
from modelkit.errors import DocumentError
from modelkit.index import Registered, approved_of, index_bytes, index_of, newest_approved, parse_index


def of_one_group(versions: list[Version]) -> list[Version]:
    """Different numbers, not in their order."""
    return [replace(version, version=number * 7 % 23 + 1) for number, version in enumerate(versions)]


SOME = st.builds(
    Version,
    group=st.just("g"),
    name=st.just("housing"),
    version=st.just(1),
    status=st.sampled_from(STATUSES),
    artifact=st.sampled_from([Artifact("a/model.tar.gz", "a" * 64, 1), Artifact("s3://bucket/b", "b" * 64, 2)]),
    metrics=st.fixed_dictionaries({"r2": st.floats(0, 1)}),
    threshold=st.just(Threshold("r2", 0.6)),
    lineage=st.just(Lineage("data", f"sha256:{'c' * 64}", "execution")),
    created_at=st.just("2026-01-02T03:04:05Z"),
)
GROUPS = st.lists(SOME, max_size=8).map(of_one_group)


@given(GROUPS, st.randoms(use_true_random=False))
def test_the_index_follows_from_the_versions_in_whatever_order(versions: list[Version], chance: random.Random) -> None:
    shuffled = versions[:]
    chance.shuffle(shuffled)
    assert index_bytes(index_of(shuffled)) == index_bytes(index_of(versions))
    assert approved_of(shuffled) == approved_of(versions)
    assert sorted(version.version for version in versions) == [int(line.version) for line in index_of(versions)]


@given(GROUPS)
def test_one_version_is_served_and_it_is_the_newest_approved(versions: list[Version]) -> None:
    lines = {int(line.version): line.status for line in index_of(versions)}
    serving = [number for number, status in lines.items() if status == "serving"]
    approved = [version.version for version in versions if version.status == "Approved"]
    pointer = approved_of(versions)
    assert serving == ([] if pointer is None else [pointer.version]) == ([max(approved)] if approved else [])
    for version in versions:
        expected = {"PendingManualApproval": "candidate", "Rejected": "rejected"}.get(version.status)
        assert lines[version.version] == expected or version.status == "Approved"
        assert version.status != "Approved" or lines[version.version] in ("serving", "retired")


@given(GROUPS)
def test_the_index_comes_back_as_it_went(versions: list[Version]) -> None:
    index = index_of(versions)
    assert parse_index(index_bytes(index), "index.json") == index


def test_nothing_is_approved_where_nothing_is() -> None:
    assert newest_approved([]) is None
    assert approved_of([]) is None
    assert index_of([]) == []


@given(SOME)
def test_numbers_are_there_once_and_groups_are_not_mixed(version: Version) -> None:
    with pytest.raises(DocumentError, match=rf"index\.json: version {version.version}: is there twice"):
        index_of([version, version])
    with pytest.raises(DocumentError, match=r"index\.json: versions of several groups: a, b"):
        index_of([replace(version, group="a", version=1), replace(version, group="b", version=2)])


def test_lines_may_say_more_than_the_mirror_does() -> None:
    line = {"name": "housing", "version": "1.0.0", "status": "approved", "stage": "prod", "weight": 10}
    assert parse_index(json.dumps([line]).encode(), "x") == [
        Registered("housing", "1.0.0", "approved", stage="prod", weight=10)
    ]
    assert parse_index(b"[]", "x") == []


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "document: got {}, expected a list"),
        ([1], "[0]: got 1, expected an object"),
        ([{"name": "h", "version": 1, "status": "serving"}], "[0].version: got 1, expected a text that is not empty"),
        ([{"name": "h", "version": "1", "status": "live"}], "[0].status: got 'live', expected one of candidate"),
        ([{"name": "h", "version": "1", "status": "serving", "weight": 101}], "[0].weight: got 101, expected a whole"),
        ([{"name": "h", "version": "1", "status": "serving", "stage": "test"}], "[0].stage: got 'test', expected one"),
        ([{"name": "h", "version": "1", "status": "serving", "metrics": {"r2": None}}], "[0].metrics: got"),
        ([{"name": "h", "version": "1", "status": "serving", "owner": "me"}], "[0].owner: is unknown"),
        ([{"name": "h", "status": "serving"}], "[0].version: is missing"),
    ],
)
def test_an_index_that_is_none(document: Any, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_index(json.dumps(document).encode(), "index.json")
    assert str(caught.value).startswith(f"index.json: {problem}")
