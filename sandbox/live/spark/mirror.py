"""Local copies of the emulator's buckets, and the way back for what changed in them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_THREADS = 8
# Written once under their name and never in place: their bytes may be shared with the emulator's file.
_IMMUTABLE = (".parquet", ".csv")

# Of a file: inode, size and time of the last change in nanoseconds.
Stamp = tuple[int, int, int]


def s3_client() -> Any:
    """An S3 client of the account that the process's variables name."""
    import boto3  # type: ignore[import-untyped,unused-ignore]
    from botocore.config import Config  # type: ignore[import-untyped,unused-ignore]

    settings = Config(s3={"addressing_style": "path"}, max_pool_connections=_THREADS, retries={"max_attempts": 2})
    return boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=settings)


def split_location(location: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; raises ValueError for anything else."""
    scheme, _, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a") or not bucket or not key:
        raise ValueError(f"{location!r} is no location of an object")
    return bucket, key


def is_object(name: str) -> bool:
    """Whether a local file of this name is an object: checksums of Hadoop's local file system are not."""
    return not (name.startswith(".") and name.endswith(".crc"))


class Mirror:
    """The objects of some buckets as files `<root>/<bucket>/<key>`."""

    def __init__(self, client: Any, root: Path, stored: Path) -> None:
        """Mirror to root; stored is the folder where the emulator keeps the account's objects as files."""
        self._client = client
        self._root = root
        self._stored = stored
        self._before: dict[Path, Stamp] = {}

    def fetch(self, location: str, folder: Path) -> Path:
        """Download one object into the folder; returns the file."""
        bucket, key = split_location(location)
        target = folder / Path(key).name
        self._client.download_file(bucket, key, str(target))
        return target

    def download(self, buckets: Iterable[str]) -> None:
        """Mirror the buckets and remember how they were."""
        with ThreadPoolExecutor(_THREADS) as pool:
            for bucket in buckets:
                (self._root / bucket).mkdir(parents=True, exist_ok=True)
                list(pool.map(lambda item: self._bring(*item), self._objects(bucket)))
        self._before = dict(self._files())

    def upload(self) -> None:
        """Carry back what was created, changed or deleted since the download."""
        after = dict(self._files())
        changed = [path for path, stamp in after.items() if self._before.get(path) != stamp]
        deleted = [path for path in self._before if path not in after]
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(self._put, changed))
            list(pool.map(self._delete, deleted))
        self._before = after

    def _objects(self, bucket: str) -> Iterator[tuple[str, str, int]]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for page in pages:
            for item in page.get("Contents", []):
                if not item["Key"].endswith("/"):
                    yield bucket, item["Key"], item["Size"]

    def _bring(self, bucket: str, key: str, size: int) -> None:
        target = self._root / bucket / key
        target.parent.mkdir(parents=True, exist_ok=True)
        stored = self._stored / bucket / key
        if not stored.is_file() or stored.stat().st_size != size:
            self._client.download_file(bucket, key, str(target))
        elif not key.endswith(_IMMUTABLE) or not _link(stored, target):
            shutil.copyfile(stored, target)

    def _files(self) -> Iterator[tuple[Path, Stamp]]:
        for folder, _, names in os.walk(self._root):
            for name in filter(is_object, names):
                path = Path(folder) / name
                state = path.stat()
                yield path, (state.st_ino, state.st_size, state.st_mtime_ns)

    def _put(self, path: Path) -> None:
        bucket, key = self._address(path)
        self._client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())

    def _delete(self, path: Path) -> None:
        bucket, key = self._address(path)
        self._client.delete_object(Bucket=bucket, Key=key)

    def _address(self, path: Path) -> tuple[str, str]:
        bucket, _, key = path.relative_to(self._root).as_posix().partition("/")
        return bucket, key


def _link(stored: Path, target: Path) -> bool:
    try:
        os.link(stored, target)
    except OSError:
        return False
    return True
