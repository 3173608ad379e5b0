"""Documents in S3, with the conditions that S3 checks itself."""

from __future__ import annotations

import pytest
from model_world import World

from modelkit.cloud.bucket import Bucket, hash_object, open_bucket, read_object
from modelkit.errors import DocumentError, StorageError
from modelkit.hashing import sha256_hex
from modelkit.storage import open_store


def test_documents_come_and_go(world: World) -> None:
    store = open_store(f"s3://{world.models}/some/place")
    assert store.where("a.json") == f"s3://{world.models}/some/place/a.json"
    assert store.find("a.json") is None
    store.write("a.json", b"1")
    store.write("b/c.json", b"2")
    found = store.find("a.json")
    assert found is not None
    assert found.data == b"1"
    assert store.names("") == ["a.json", "b/c.json"]
    assert store.names("b/") == ["c.json"]
    assert store.remove("a.json", found.tag)
    assert store.find("a.json") is None


def test_whoever_comes_second_is_told(world: World) -> None:
    store = world.store
    assert store.replace("a", b"first", None)
    assert not store.replace("a", b"second", None)
    first = store.find("a")
    assert first is not None
    assert store.replace("a", b"third", first.tag)
    assert not store.replace("a", b"fourth", first.tag)
    now = store.find("a")
    assert now is not None
    assert now.data == b"third"
    assert not store.replace("gone", b"fifth", first.tag)
    assert not store.remove("a", first.tag)
    assert store.find("a") == now
    assert store.remove("a", now.tag)
    assert not store.remove("a", now.tag)


def test_a_writer_that_meets_its_own_work_has_won(world: World) -> None:
    assert world.store.replace("a", b"mine", None)
    assert world.store.replace("a", b"mine", None)


def test_a_bucket_that_is_not_there_is_named(world: World) -> None:
    store = Bucket(world.s3, "no-such-bucket-here", "x/")
    for act in (
        lambda: store.write("a", b""),
        lambda: store.names(""),
        lambda: hash_object(world.s3, "s3://no-such-bucket-here/a"),
        lambda: read_object(world.s3, "s3://no-such-bucket-here/a"),
        lambda: read_object(world.s3, f"s3://{world.models}/a"),
    ):
        with pytest.raises(StorageError, match=r"s3://(no-such-bucket-here|models)"):
            act()


def test_objects_are_hashed_as_they_are(world: World) -> None:
    uri = world.put(world.models, "big", b"x" * 3_000_000)
    assert hash_object(world.s3, uri) == (sha256_hex(b"x" * 3_000_000), 3_000_000)


def test_places_have_one_form(world: World) -> None:
    for location in (f"s3://{world.models}", f"s3://{world.models}/"):
        assert open_bucket(location).where("a") == f"s3://{world.models}/a"
    assert open_bucket(f"s3://{world.models}/p/").where("a") == f"s3://{world.models}/p/a"
    with pytest.raises(DocumentError):
        open_bucket("s3:///x")
