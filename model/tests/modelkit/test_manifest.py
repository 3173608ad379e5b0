"""Manifests of training inputs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkit.errors import DocumentError
from modelkit.manifest import manifest_bytes, manifest_of, parse_manifest, split_uri

KEYS = st.sets(st.from_regex(r"[a-z0-9][a-z0-9=_.-]{0,8}(/[a-z0-9=_-]{1,8}){0,3}", fullmatch=True), min_size=1)


@given(KEYS, st.randoms(use_true_random=False))
def test_a_manifest_lists_its_files_in_one_order(keys: set[str], chance: random.Random) -> None:
    files = [f"s3://lake/{key}" for key in keys]
    chance.shuffle(files)
    data = manifest_bytes(manifest_of(files, "x"))
    assert data == manifest_bytes(manifest_of(sorted(files), "x"))
    assert parse_manifest(data, "x") == sorted(files)


def test_the_form_is_that_of_sagemaker() -> None:
    files = ["s3://lake/houses/run=r/b.parquet", "s3://lake/houses/run=r/a.parquet"]
    expected = [{"prefix": "s3://lake/"}, "houses/run=r/a.parquet", "houses/run=r/b.parquet"]
    assert manifest_of(files, "x") == expected


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "m.json: buckets of the inputs: got none, expected objects of one bucket"),
        (["s3://a/x", "s3://b/x"], "m.json: buckets of the inputs: got a, b, expected objects of one bucket"),
        (["s3://a/x", "s3://a/x"], "m.json: key 'x': expected each object once"),
        (["s3://a/"], "m.json: key '': expected each object once"),
        (["/tmp/x"], "/tmp/x: not a location, expected s3://bucket/key"),
        (["s3://a/../x"], "s3://a/../x: not a location, expected s3://bucket/key"),
    ],
)
def test_what_makes_no_manifest(files: list[str], message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        manifest_of(files, "m.json")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{}", 'm.json: [0]: expected {"prefix": "s3://…"}'),
        (b"[]", 'm.json: [0]: expected {"prefix": "s3://…"}'),
        (b'[{"prefix": "/x"}, "a"]', 'm.json: [0]: expected {"prefix": "s3://…"}'),
        (b'[{"prefix": "s3://a/", "more": 1}, "a"]', 'm.json: [0]: expected {"prefix": "s3://…"}'),
        (b'[{"prefix": "s3://a/"}]', "m.json: expected at least one key"),
        (b'[{"prefix": "s3://a/"}, 1]', "m.json: [1]: got 1, expected a key"),
        (b'[{"prefix": "s3://a/"}, "b", "../c"]', "m.json: [2]: got '../c', expected a key"),
        (b"[", "m.json: not valid JSON: Expecting value: line 1 column 2 (char 1)"),
    ],
)
def test_what_is_no_manifest(data: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_manifest(data, "m.json")
    assert str(caught.value) == message


def test_keys_may_hold_what_addresses_may_not() -> None:
    assert split_uri("s3://bucket/a?b#c/d") == ("bucket", "a?b#c/d")
