"""The approved model of a registry: a folder, or a prefix of a bucket. `approved.json` says which one it is."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .artifact import load_archive
from .model import Model, ModelError, where

POINTER = "approved.json"
_S3 = "s3://"


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


class S3(Protocol):
    """What is used of boto3's client."""

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the names are AWS's
        """The object. Raises botocore's ClientError and BotoCoreError."""


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
        if location.startswith(_S3) or not path.is_relative_to(self.folder.resolve()):
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
        self.bucket, _, prefix = location.removeprefix(_S3).partition("/")
        self.prefix = prefix.rstrip("/")
        self._client = client

    def read(self, location: str) -> bytes | None:
        """As Store has it."""
        key = f"{self.prefix}/{location}"
        if location.startswith(_S3):
            bucket, _, key = location.removeprefix(_S3).partition("/")
            if bucket != self.bucket:
                raise ModelError(f"{POINTER}: names a model outside the registry's bucket")
        # Only who reads a bucket needs the client, which takes half a second to load.
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            content = self._s3().get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchKey":
                return None
            raise ModelError(f"s3://{self.bucket}/{key}: {code}") from error
        except BotoCoreError as error:
            raise ModelError(f"s3://{self.bucket}/{key}: {type(error).__name__}") from error
        return bytes(content)

    def _s3(self) -> S3:
        if self._client is None:
            import boto3
            from botocore.config import Config

            quick = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
            client: S3 = boto3.client("s3", config=quick)
            self._client = client
        return self._client


def open_store(location: str) -> Store:
    """The registry at a folder's path or an `s3://bucket/prefix` address."""
    return BucketStore(location) if location.startswith(_S3) else FolderStore(Path(location))


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
