from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from lakehouse import storage
from lakehouse.errors import StorageError


class FakeS3:
    """The four calls that the module makes, over a dictionary."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}

    def _find(self, bucket: str, key: str, code: str) -> bytes:
        if (bucket, key) not in self.objects:
            raise MissingError(code)
        return self.objects[bucket, key]

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        return {"ContentLength": len(self._find(Bucket, Key, "404")), "ETag": '"abc"'}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        return {"Body": io.BytesIO(self._find(Bucket, Key, "NoSuchKey"))}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        if Bucket == "closed":
            raise PermissionError("no")
        self.objects[Bucket, Key] = Body

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        if Bucket == "closed":
            raise PermissionError("no")
        self.objects.pop((Bucket, Key), None)


class MissingError(Exception):
    def __init__(self, code: str) -> None:
        self.response = {"Error": {"Code": code}}
        super().__init__(code)


@pytest.fixture(params=["folders", "s3"])
def kind(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "folders":
        monkeypatch.setenv(storage.ROOT_VARIABLE, str(tmp_path))
    else:
        monkeypatch.delenv(storage.ROOT_VARIABLE, raising=False)
        fake = FakeS3()
        monkeypatch.setattr(storage, "_client", lambda: fake)
    return str(request.param)


def test_objects_in_folders_and_in_s3_are_alike(kind: str) -> None:
    uri = "s3://bucket/a b/ü?#%20.json"
    for value in ({"b": "é", "a": [1]}, {"a": 2}):
        storage.write_json(uri, value)
        assert storage.read_json(uri) == value
    assert storage.read_bytes(uri) == b'{\n "a": 2\n}\n'
    assert storage.stat(uri) == storage.Stat(12, None if kind == "folders" else "abc")
    storage.delete_object(uri)
    storage.delete_object(uri)
    for look in (storage.stat, storage.read_bytes, storage.read_json):
        with pytest.raises(StorageError, match="no such object"):
            look(uri)


def test_what_is_not_json_is_named(kind: str) -> None:
    storage.write_bytes("s3://bucket/x", b"{")
    with pytest.raises(StorageError, match="s3://bucket/x: not valid JSON"):
        storage.read_json("s3://bucket/x")


def test_other_failures_keep_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(storage.ROOT_VARIABLE, raising=False)
    monkeypatch.setattr(storage, "_client", FakeS3)
    with pytest.raises(StorageError, match=r"s3://closed/x: no$"):
        storage.write_bytes("s3://closed/x", b"")
    with pytest.raises(StorageError, match=r"s3://closed/x: no$"):
        storage.delete_object("s3://closed/x")


def test_a_write_leaves_nothing_but_the_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(storage.ROOT_VARIABLE, str(tmp_path))
    storage.write_bytes("s3://bucket/a/b", b"1")
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == ["bucket/a/b"]


def test_spark_is_told_the_same_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert storage.spark_path("s3://b/k/") == "s3://b/k/"
    monkeypatch.setenv(storage.ROOT_VARIABLE, str(tmp_path))
    assert storage.spark_path("s3://b/k/") == str(tmp_path / "b" / "k")


@pytest.mark.parametrize("uri", ["/a/b", "s3:///key", "http://b/k", "s3://b/../c", "bucket/key"])
def test_a_place_that_is_none_is_refused(uri: str) -> None:
    with pytest.raises(StorageError, match="expected s3://bucket/key"):
        storage.split_uri(uri)
