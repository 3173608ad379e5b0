"""The list of models that the model pipeline writes: a file, or `index.json` of a registry in a folder or a bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

INDEX = "index.json"
_S3 = "s3://"


class RegisteredModel(BaseModel):
    """One version of a model and how far it has come. What is not known of it is left out of the answer."""

    model_config = ConfigDict(extra="forbid")

    name: str
    version: str
    status: Literal["candidate", "rejected", "approved", "serving", "retired"]
    stage: Literal["dev", "staging", "prod"] | None = None
    """The furthest environment it has reached."""
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """Percent of predictions it is meant to answer; below 100 it is a canary, or what stands beside one."""
    metrics: dict[str, FiniteFloat] | None = None
    """What its evaluation measured, e.g. `rmse`, in the unit of what it predicts."""


class RegistryError(Exception):
    """The registry cannot be read. The message is safe to show."""


class ModelList(Protocol):
    """Where the list is kept."""

    def read(self) -> bytes:
        """The list as JSON. Raises RegistryError."""


@dataclass(frozen=True)
class FileList:
    """A list in one file."""

    path: Path

    def read(self) -> bytes:
        """As ModelList has it."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise unreadable(self.path.name) from error


@dataclass(frozen=True)
class FolderList:
    """A registry in a folder; until it lists anything, the models that the image brings along."""

    folder: Path
    otherwise: FileList

    def read(self) -> bytes:
        """As ModelList has it."""
        try:
            return (self.folder / INDEX).read_bytes()
        except FileNotFoundError:
            return self.otherwise.read()
        except OSError as error:
            raise unreadable(INDEX) from error


class S3(Protocol):
    """What is used of boto3's client."""

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the names are AWS's
        """The object. Raises botocore's ClientError and BotoCoreError."""


class BucketList:
    """A registry below a prefix of a bucket; until it lists anything, the models that the image brings along."""

    def __init__(self, location: str, otherwise: FileList, client: S3 | None = None) -> None:
        self.bucket, _, prefix = location.removeprefix(_S3).partition("/")
        self.key = f"{prefix.rstrip('/')}/{INDEX}"
        self.otherwise = otherwise
        self._client = client

    def read(self) -> bytes:
        """As ModelList has it."""
        # Only who reads a bucket needs the client, which takes half a second to load.
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return bytes(self._s3().get_object(Bucket=self.bucket, Key=self.key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return self.otherwise.read()
            raise unreadable(INDEX) from error
        except BotoCoreError as error:
            raise unreadable(INDEX) from error

    def _s3(self) -> S3:
        if self._client is None:
            import boto3
            from botocore.config import Config

            quick = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
            client: S3 = boto3.client("s3", config=quick)
            self._client = client
        return self._client


def unreadable(name: str) -> RegistryError:
    """What callers are told, whatever the reason: that is for the log."""
    return RegistryError(f"the model registry {name} cannot be read")


def open_list(location: str, shipped: Path) -> ModelList:
    """The list at the path of a file or a folder, or at an `s3://bucket/prefix` address."""
    otherwise = FileList(shipped)
    if location.startswith(_S3):
        return BucketList(location, otherwise)
    path = Path(location)
    return FileList(path) if path.suffix == ".json" else FolderList(path, otherwise)


_models = TypeAdapter(list[RegisteredModel])


def read_registry(models: ModelList) -> list[RegisteredModel]:
    """All models, by name and version. Read on every request: the list changes under a running service."""
    content = models.read()
    try:
        found = _models.validate_json(content)
    except ValidationError as error:
        raise unreadable(models.path.name if isinstance(models, FileList) else INDEX) from error
    return sorted(found, key=lambda model: (model.name, _natural(model.version)))


def _natural(version: str) -> list[tuple[int, str]]:
    """Numbers in a version count as numbers: 9 comes before 10."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", version)
    return [(int(part), "") if part.isdigit() and part.isascii() else (-1, part) for part in parts]
