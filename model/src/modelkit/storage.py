"""Small documents by path, below one place: a folder, or a prefix of a bucket.

Two writers may meet. A write on condition tells whether it came to pass: a lost race is an answer, not an error.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from modelkit.errors import StorageError
from modelkit.hashing import sha256_hex

_LOCK = ".lock"


@dataclass(frozen=True)
class Stored:
    """A document, and the tag that tells this writing of it from others."""

    data: bytes
    tag: str


class Store(Protocol):
    """Documents by path: relative, with slashes."""

    def where(self, path: str) -> str:
        """The document's place, for people and other programs."""

    def find(self, path: str) -> Stored | None:
        """A document, or None when it is not there."""

    def write(self, path: str, data: bytes) -> None:
        """Puts a document, whatever was there."""

    def replace(self, path: str, data: bytes, tag: str | None) -> bool:
        """Puts a document if what is there has this tag (None: if nothing is there). False when it has not."""

    def remove(self, path: str, tag: str) -> bool:
        """Takes a document away if what is there has this tag. False when it has not."""

    def names(self, folder: str) -> list[str]:
        """Names of the documents below a folder (which ends with a slash), sorted."""


class Folder:
    """Documents as files. Readers see a document as it was before or after a write, never a part of it."""

    def __init__(self, root: Path) -> None:
        """The folder is made by the first write."""
        self._root = root

    def where(self, path: str) -> str:
        """The file."""
        return str(self._file(path))

    def find(self, path: str) -> Stored | None:
        """The file's content, its hash being the tag."""
        try:
            data = self._file(path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"{self.where(path)}: {error.strerror}") from error
        return Stored(data, sha256_hex(data))

    def write(self, path: str, data: bytes) -> None:
        """Puts the file in place whole."""
        with self._locked():
            self._put(path, data)

    def replace(self, path: str, data: bytes, tag: str | None) -> bool:
        """Looks and puts while no other writer of this library does."""
        with self._locked():
            return self._has(path, tag) and self._put(path, data)

    def remove(self, path: str, tag: str) -> bool:
        """Looks and removes while no other writer of this library does."""
        with self._locked():
            if not self._has(path, tag):
                return False
            self._file(path).unlink()
            return True

    def names(self, folder: str) -> list[str]:
        """Paths of files below the folder, without those that are still being written."""
        below = self._file(folder)
        files = (file.relative_to(below).as_posix() for file in below.rglob("*") if file.is_file())
        return sorted(name for name in files if not name.split("/")[-1].startswith("."))

    def _file(self, path: str) -> Path:
        if path.startswith("/") or ".." in path.split("/"):
            raise StorageError(f"{path}: leads out of {self._root}")
        return self._root / path

    def _has(self, path: str, tag: str | None) -> bool:
        found = self.find(path)
        return (None if found is None else found.tag) == tag

    def _put(self, path: str, data: bytes) -> bool:
        file = self._file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
        partial.write_bytes(data)
        partial.replace(file)
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def open_store(location: str) -> Store:
    """The documents below `s3://bucket/prefix` or a folder. Raises StorageError for another kind of place."""
    if location.startswith("s3://"):
        # Asked for late: only functions in AWS have its library.
        from modelkit.cloud.bucket import open_bucket

        return open_bucket(location)
    if "://" in location or not location:
        raise StorageError(f"{location or 'empty location'}: expected a folder or s3://bucket/prefix")
    return Folder(Path(location))
