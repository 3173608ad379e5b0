"""The approved model of a registry: a folder, or a prefix of a bucket. `approved.json` says which one it is."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .artifact import load_archive
from .bucket import S3, S3_SCHEME, Bucket, UnreadableError
from .model import Model, ModelError, where

POINTER = "approved.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stored(_Strict):
    """The bytes of a model: where they are, and what they are."""

    uri: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=1)]


class Approved(_Strict):
    """`approved.json`."""

    schema_: Literal[1] = Field(alias="schema")
    group: str
    version: Annotated[int, Field(ge=1)]
    artifact: Stored


class Store(Protocol):
    """Where a registry is kept."""

    def read(self, location: str) -> bytes | None:
        """The bytes at a path in the registry, or at an `s3://` address; None where nothing is. Raises ModelError."""


class FolderStore:
    """A registry in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, location: str) -> bytes | None:
        """As Store has it; a path that leaves the folder is refused."""
        path = (self.folder / location).resolve()
        if location.startswith(S3_SCHEME) or not path.is_relative_to(self.folder.resolve()):
            raise ModelError(f"{POINTER}: names a model outside the registry")
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ModelError(f"{location}: {error.strerror}") from error


class BucketStore:
    """A registry below a prefix of a bucket. Only that bucket is read, whatever an address says."""

    def __init__(self, location: str, client: S3 | None = None) -> None:
        name, _, prefix = location.removeprefix(S3_SCHEME).partition("/")
        self.bucket = Bucket(name, connect_timeout=5, read_timeout=30, attempts=3, client=client)
        self.prefix = prefix.rstrip("/")

    def read(self, location: str) -> bytes | None:
        """As Store has it."""
        key = f"{self.prefix}/{location}"
        if location.startswith(S3_SCHEME):
            bucket, _, key = location.removeprefix(S3_SCHEME).partition("/")
            if bucket != self.bucket.name:
                raise ModelError(f"{POINTER}: names a model outside the registry's bucket")
        try:
            return self.bucket.read(key)
        except UnreadableError as error:
            raise ModelError(f"s3://{self.bucket.name}/{key}: {error}") from error


def open_store(location: str) -> Store:
    """The registry at a folder's path or an `s3://bucket/prefix` address."""
    return BucketStore(location) if location.startswith(S3_SCHEME) else FolderStore(Path(location))


class Registry:
    """What is approved, and how it is loaded."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def pointer(self) -> bytes | None:
        """The bytes of `approved.json`: others, another model. None while nothing is approved. Raises ModelError."""
        return self.store.read(POINTER)

    def load(self, pointer: bytes) -> Model:
        """The model that a pointer names, its bytes held against the digest. Raises ModelError."""
        try:
            approved = Approved.model_validate_json(pointer)
        except ValidationError as error:
            raise ModelError(f"{POINTER}: not a valid pointer ({where(error)})") from error
        stored = approved.artifact
        content = self.store.read(stored.uri)
        if content is None:
            raise ModelError(f"{stored.uri}: not there")
        if sha256(content).hexdigest() != stored.sha256:
            raise ModelError(f"{stored.uri}: not the file that {POINTER} names")
        return load_archive(content, stored.uri, str(approved.version))
