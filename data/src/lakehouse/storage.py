"""Objects by `s3://` location: small JSON documents here, and the paths that Spark reads and writes.

With LAKEHOUSE_S3_ROOT set, `s3://bucket/key` is the file `<root>/bucket/key` for both.
"""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lakehouse.errors import StorageError

ROOT_VARIABLE = "LAKEHOUSE_S3_ROOT"


@dataclass(frozen=True)
class Stat:
    """What a look at an object tells. `etag` is None where objects are files."""

    size: int
    etag: str | None


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`. Raises StorageError for anything else."""
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc or ".." in parts.path.split("/"):
        raise StorageError(f"{uri}: not a location, expected s3://bucket/key")
    # The key is taken from the text: urlsplit would cut it at a question mark.
    return parts.netloc, uri[len("s3://") + len(parts.netloc) + 1 :]


def local_path(uri: str) -> Path | None:
    """The file of a location when buckets are folders, else None."""
    root = os.environ.get(ROOT_VARIABLE)
    bucket, key = split_uri(uri)
    return Path(root) / bucket / key if root else None


def spark_path(uri: str) -> str:
    """The location as Spark must be told it."""
    path = local_path(uri)
    return uri if path is None else str(path)


def stat(uri: str) -> Stat:
    """Size in bytes and ETag. Raises StorageError when there is no such object."""
    path = local_path(uri)
    if path is not None:
        if not path.is_file():
            raise StorageError(f"{uri}: no such object")
        return Stat(path.stat().st_size, None)
    bucket, key = split_uri(uri)
    try:
        head = _client().head_object(Bucket=bucket, Key=key)
    except Exception as error:
        raise _storage_error(uri, error) from error
    return Stat(int(head["ContentLength"]), str(head["ETag"]).strip('"'))


def read_bytes(uri: str) -> bytes:
    """The whole object. Raises StorageError when there is none."""
    path = local_path(uri)
    if path is not None:
        if not path.is_file():
            raise StorageError(f"{uri}: no such object")
        return path.read_bytes()
    bucket, key = split_uri(uri)
    try:
        body: bytes = _client().get_object(Bucket=bucket, Key=key)["Body"].read()
    except Exception as error:
        raise _storage_error(uri, error) from error
    return body


def write_bytes(uri: str, data: bytes, content_type: str = "application/octet-stream") -> None:
    """Puts the object, replacing an older one; readers see the old or the new one, never a part."""
    path = local_path(uri)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        partial.write_bytes(data)
        partial.replace(path)
        return
    bucket, key = split_uri(uri)
    try:
        _client().put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)
    except Exception as error:
        raise _storage_error(uri, error) from error


def read_json(uri: str) -> Any:
    """A JSON document. Raises StorageError when it is missing or not JSON."""
    try:
        return json.loads(read_bytes(uri))
    except ValueError as error:
        raise StorageError(f"{uri}: not valid JSON: {error}") from error


def write_json(uri: str, value: Any) -> None:
    """Puts a JSON document with sorted keys, so that equal values are equal bytes."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    write_bytes(uri, text.encode("utf-8"), "application/json")


def delete_object(uri: str) -> None:
    """Removes the object if it is there."""
    path = local_path(uri)
    if path is not None:
        path.unlink(missing_ok=True)
        return
    bucket, key = split_uri(uri)
    try:
        _client().delete_object(Bucket=bucket, Key=key)
    except Exception as error:
        raise _storage_error(uri, error) from error


@functools.cache
def _client() -> Any:
    """One for the process: making a session reads what the service looks like from disk."""
    # Asked for late: tests and local runs work on folders and need no AWS library.
    import botocore.session

    return botocore.session.get_session().create_client("s3")


def _storage_error(uri: str, error: Exception) -> StorageError:
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return StorageError(f"{uri}: {'no such object' if code in ('404', 'NoSuchKey') else error}")
