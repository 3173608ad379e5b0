"""Documents below a prefix of a bucket; S3 itself decides who wins a race."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from modelkit.cloud.environment import client, error_code
from modelkit.errors import StorageError
from modelkit.hashing import sha256_of_chunks
from modelkit.manifest import split_uri
from modelkit.storage import Stored

_MISSING = ("404", "NoSuchKey", "NotFound")
_REFUSED = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict", *_MISSING)
_CHUNK = 1024 * 1024


class Bucket:
    """A Store over S3; the ETag is the tag."""

    def __init__(self, s3: Any, bucket: str, prefix: str = "") -> None:
        """`prefix` is empty or ends with a slash."""
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix

    def where(self, path: str) -> str:
        """The object's location."""
        return f"s3://{self._bucket}/{self._prefix}{path}"

    def find(self, path: str) -> Stored | None:
        """The object, or None when it is not there."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + path)
            return Stored(answer["Body"].read(), str(answer["ETag"]))
        except ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise self._error(path, error) from error

    def write(self, path: str, data: bytes) -> None:
        """Puts the object, whatever was there."""
        self._put(path, data, {})

    def replace(self, path: str, data: bytes, tag: str | None) -> bool:
        """Puts the object on condition. A put whose answer got lost is tried again and then meets its own work."""
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        if self._put(path, data, condition):
            return True
        found = self.find(path)
        return found is not None and found.data == data

    def remove(self, path: str, tag: str) -> bool:
        """Deletes the object on condition."""
        try:
            self._s3.delete_object(Bucket=self._bucket, Key=self._prefix + path, IfMatch=tag)
        except ClientError as error:
            if error_code(error) in _REFUSED:
                return False
            raise self._error(path, error) from error
        return True

    def names(self, folder: str) -> list[str]:
        """Names below the folder; S3 lists them in order of their bytes."""
        prefix = self._prefix + folder
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        try:
            return sorted(item["Key"][len(prefix) :] for page in pages for item in page.get("Contents", []))
        except ClientError as error:
            raise self._error(folder, error) from error

    def _put(self, path: str, data: bytes, condition: dict[str, str]) -> bool:
        key = self._prefix + path
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType="application/json", **condition)
        except ClientError as error:
            if condition and error_code(error) in _REFUSED:
                return False
            raise self._error(path, error) from error
        return True

    def _error(self, path: str, error: ClientError) -> StorageError:
        return StorageError(f"{self.where(path)}: {error}")


def open_bucket(location: str) -> Bucket:
    """The documents below `s3://bucket/prefix`, with the process's client."""
    bucket, prefix = split_uri(location if location.count("/") > 2 else f"{location}/")
    return Bucket(client("s3"), bucket, f"{prefix.rstrip('/')}/" if prefix.rstrip("/") else "")


def hash_object(s3: Any, uri: str) -> tuple[str, int]:
    """SHA-256 and size of an object, which need not fit into memory. Raises StorageError when it cannot be read."""
    bucket, key = split_uri(uri)
    try:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    except ClientError as error:
        raise StorageError(f"{uri}: {error}") from error
    return sha256_of_chunks(body.iter_chunks(_CHUNK))


def read_object(s3: Any, uri: str) -> bytes:
    """A whole object, wherever it is. Raises StorageError when it cannot be read."""
    bucket, key = split_uri(uri)
    found = Bucket(s3, bucket).find(key)
    if found is None:
        raise StorageError(f"{uri}: no such object")
    return found.data
