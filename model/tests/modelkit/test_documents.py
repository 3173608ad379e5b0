"""The documents of the registry: what is read is what was written, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkit.documents import (
    STATUSES,
    THRESHOLD_METRICS,
    Approved,
    Artifact,
    Lineage,
    Threshold,
    Version,
    approved_bytes,
    parse_approved,
    parse_version,
    version_bytes,
)
from modelkit.errors import DocumentError
from modelkit.hashing import canonical_json

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
WORDS = st.from_regex(r"[a-z0-9/:._-]{1,40}", fullmatch=True)
PARTS = st.from_regex(r"[a-z0-9][a-z0-9_=-]{0,12}", fullmatch=True)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
ARTIFACTS = st.builds(
    Artifact, st.one_of(PATHS, PATHS.map(lambda path: f"s3://some-bucket/{path}")), HEX, st.integers(1, 2**40)
)
VERSIONS = st.builds(
    Version,
    group=st.from_regex(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,30}", fullmatch=True),
    name=st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True),
    version=st.integers(1, 10**6),
    status=st.sampled_from(STATUSES),
    artifact=ARTIFACTS,
    metrics=st.dictionaries(
        PARTS, st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5), min_size=1, max_size=5
    ),
    threshold=st.builds(Threshold, st.sampled_from(THRESHOLD_METRICS), st.floats(0, 1)),
    lineage=st.builds(Lineage, WORDS, HEX.map(lambda digits: f"sha256:{digits}"), WORDS),
    created_at=st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0")),
)

SOUND: dict[str, Any] = {
    "schema": 1,
    "group": "slipway-dev-housing",
    "name": "housing",
    "version": 3,
    "status": "Approved",
    "artifact": {"uri": "s3://bucket/runs/e/model.tar.gz", "sha256": "a" * 64, "bytes": 12},
    "metrics": {"r2": 0.83, "rmse": 12},
    "threshold": {"metric": "r2", "minimum": 0.6},
    "lineage": {"data": "s3://bucket/inputs/1-r/manifest.json", "code": f"sha256:{'b' * 64}", "execution": "abc123"},
    "createdAt": "2026-01-02T03:04:05Z",
}


def changed(path: str, value: Any) -> bytes:
    """The sound document with one field another; `...` takes it away."""
    document = json.loads(json.dumps(SOUND))
    *outer, last = path.split(".")
    place = document
    for name in outer:
        place = place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document).encode()


@given(VERSIONS)
def test_versions_come_back_as_they_went(version: Version) -> None:
    data = version_bytes(version)
    assert parse_version(data, "x") == version
    assert data == canonical_json(json.loads(data))


@given(ARTIFACTS, st.integers(1, 10**6))
def test_the_pointer_comes_back_as_it_went(artifact: Artifact, number: int) -> None:
    approved = Approved("slipway-dev-housing", number, artifact)
    assert parse_approved(approved_bytes(approved), "x") == approved


def test_the_form_is_the_agreed_one() -> None:
    version = parse_version(json.dumps(SOUND).encode(), "x")
    assert version.to_json() == SOUND
    text = version_bytes(version).decode()
    assert text.startswith('{\n "artifact": {\n  "bytes": 12,')
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schema", 2, "schema: got 2, expected a whole number from 1 to 1"),
        ("schema", True, "schema: got True, expected a whole number from 1 to 1"),
        ("group", "a b", "group: got 'a b', expected 1 to 63 letters, digits and -"),
        ("name", "Housing", "name: got 'Housing', expected 1 to 63 of a-z, 0-9 and -, beginning with a letter"),
        ("version", 0, "version: got 0, expected a whole number of at least 1"),
        ("version", "3", "version: got '3', expected a whole number of at least 1"),
        ("version", 1.5, "version: got 1.5, expected a whole number of at least 1"),
        ("status", "approved", "status: got 'approved', expected one of Approved, PendingManualApproval, Rejected"),
        ("artifact", [], "artifact: got [], expected an object"),
        ("artifact.uri", "../other", "artifact.uri: got '../other', expected s3://bucket/key or a path"),
        ("artifact.uri", "/etc/passwd", "artifact.uri: got '/etc/passwd', expected s3://bucket/key or a path"),
        ("artifact.uri", "a/../../b", "artifact.uri: got 'a/../../b', expected"),
        ("artifact.uri", "s3://bucket", "artifact.uri: got 's3://bucket', expected"),
        ("artifact.uri", "https://x/y", "artifact.uri: got 'https://x/y', expected"),
        ("artifact.sha256", "A" * 64, "expected 64 hexadecimal digits"),
        ("artifact.bytes", 0, "artifact.bytes: got 0, expected a whole number of at least 1"),
        ("artifact.md5", "x", "artifact.md5: is unknown"),
        ("metrics", {}, "metrics: got {}, expected finite numbers by name, at least one"),
        ("metrics", {"r2": "0.8"}, "metrics: got {'r2': '0.8'}, expected finite numbers"),
        ("metrics", {"r2": True}, "metrics: got {'r2': True}, expected finite numbers"),
        ("metrics", {"": 1}, "metrics: got {'': 1}, expected finite numbers"),
        ("threshold.metric", "accuracy", "threshold.metric: got 'accuracy', expected one of r2, within_10_percent, "),
        ("threshold.minimum", 1.01, "threshold.minimum: got 1.01, expected a number from 0 to 1"),
        ("threshold.minimum", -0.1, "threshold.minimum: got -0.1, expected a number from 0 to 1"),
        ("lineage.code", "b" * 64, "expected sha256:<64 hexadecimal digits>"),
        ("lineage.data", " ", "lineage.data: got ' ', expected 1 to 1024 characters, not beginning with a space"),
        ("lineage.execution", None, "lineage.execution: got None, expected"),
        ("createdAt", "2026-01-02 03:04:05", "createdAt: got '2026-01-02 03:04:05', expected a time in UTC like"),
        ("owner", "me", "owner: is unknown"),
        ("threshold", ..., "threshold: is missing"),
        ("createdAt", ..., "createdAt: is missing"),
    ],
)
def test_every_broken_rule_is_named(path: str, value: Any, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_version(changed(path, value), "registry/versions/3.json")
    (said,) = caught.value.problems
    assert said.startswith(problem) or problem in said
    assert str(caught.value) == f"registry/versions/3.json: {said}"


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_approved(b'{"schema": 1, "version": -1, "artifact": {"bytes": 1}, "x": 1}', "approved.json")
    assert caught.value.problems == [
        "group: is missing",
        "version: got -1, expected a whole number of at least 1",
        "artifact.uri: is missing",
        "artifact.sha256: is missing",
        "x: is unknown",
    ]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'"text"', b"[]", b"null"])
def test_what_is_no_document_is_told_with_its_place(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"^approved\.json: "):
        parse_approved(data, "approved.json")


def test_nothing_is_written_that_could_not_be_read() -> None:
    with pytest.raises(DocumentError, match=r"approved version of g: artifact\.sha256: got 'x'"):
        approved_bytes(Approved("g", 1, Artifact("a", "x", 1)))
    broken = parse_version(json.dumps(SOUND).encode(), "x").__class__(
        **{**parse_version(json.dumps(SOUND).encode(), "x").__dict__, "metrics": {"r2": float("nan")}}
    )
    with pytest.raises(DocumentError, match="version 3 of slipway-dev-housing: metrics"):
        version_bytes(broken)


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_version(changed("name", "x" * 100_000), "x")
    assert len(str(caught.value)) < 400
