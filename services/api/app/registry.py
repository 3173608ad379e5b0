"""The list of models that the model pipeline writes: a file, or `index.json` of a registry in a folder or a bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from .bucket import S3, S3_SCHEME, Bucket, UnreadableError

INDEX = "index.json"


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


class BucketList:
    """A registry below a prefix of a bucket; until it lists anything, the models that the image brings along."""

    def __init__(self, location: str, otherwise: FileList, client: S3 | None = None) -> None:
        name, _, prefix = location.removeprefix(S3_SCHEME).partition("/")
        # Callers wait for this one: the list is read on every request.
        self.bucket = Bucket(name, connect_timeout=2, read_timeout=3, attempts=2, client=client)
        self.key = f"{prefix.rstrip('/')}/{INDEX}"
        self.otherwise = otherwise

    def read(self) -> bytes:
        """As ModelList has it."""
        try:
            content = self.bucket.read(self.key)
        except UnreadableError as error:
            raise unreadable(INDEX) from error
        return self.otherwise.read() if content is None else content


def unreadable(name: str) -> RegistryError:
    """What callers are told, whatever the reason: that is for the log."""
    return RegistryError(f"the model registry {name} cannot be read")


def open_list(location: str, shipped: Path) -> ModelList:
    """The list at the path of a file or a folder, or at an `s3://bucket/prefix` address."""
    otherwise = FileList(shipped)
    if location.startswith(S3_SCHEME):
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
