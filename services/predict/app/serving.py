"""The model of this process, and how it comes to be another one while requests go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from logging import Logger
from pathlib import Path
from typing import Protocol

from fastapi import HTTPException

from .artifact import load_archive, load_folder
from .model import Model, ModelError, label, load_linear
from .registry import Registry


class Source(Protocol):
    """Where models come from."""

    def revision(self) -> bytes | None:
        """Changes when there is another model. Raises ModelError where it cannot be said."""

    def load(self, revision: bytes | None) -> Model:
        """The model of a revision. Raises ModelError."""


@dataclass(frozen=True)
class FileSource:
    """One model for good: a linear one as JSON, a folder with a trained one, or its archive."""

    path: Path
    version: str | None = None
    """What a trained one is called by who starts the process; without it, it is told by its digest."""

    def revision(self) -> bytes | None:
        """As Source has it."""
        return None

    def load(self, revision: bytes | None) -> Model:
        """As Source has it."""
        if self.path.is_dir():
            return load_folder(self.path, self.version)
        if self.path.name.endswith(".tar.gz"):
            try:
                return load_archive(self.path.read_bytes(), str(self.path), self.version)
            except OSError as error:
                raise ModelError(f"{self.path}: {error.strerror}") from error
        return load_linear(self.path)


@dataclass(frozen=True)
class RegistrySource:
    """What a registry has approved; until that is anything, the model that the image brings along."""

    registry: Registry
    otherwise: FileSource

    def revision(self) -> bytes | None:
        """As Source has it."""
        return self.registry.pointer()

    def load(self, revision: bytes | None) -> Model:
        """As Source has it."""
        return self.otherwise.load(None) if revision is None else self.registry.load(revision)


class Served:
    """The model that answers: absent until it is loaded. A better one takes its place; a broken one does not."""

    def __init__(self, source: Source, logger: Logger, on_failure: Callable[[], None] = lambda: None) -> None:
        self.model: Model | None = None
        self.problem = "the model is not loaded yet"
        self._source = source
        self._logger = logger
        self._on_failure = on_failure
        self._revision: bytes | None = None

    def refresh(self) -> None:
        """Loads what is to be served where it is not. A failure becomes the reason that probes are told."""
        try:
            revision = self._source.revision()
            if self.model is not None and revision == self._revision:
                return
            model = self._source.load(revision)
        except ModelError as error:
            self.problem = str(error)
            self._on_failure()
            serving = None if self.model is None else label(self.model)
            self._logger.error("model not loaded", extra={"fields": {"reason": self.problem, "serving": serving}})
            return
        self.model, self._revision = model, revision
        self._logger.info("model loaded", extra={"fields": {"model": label(model)}})

    async def keep_fresh(self, seconds: float) -> None:
        """Loads now, and looks again every so many seconds; 0 is never."""
        await asyncio.to_thread(self.refresh)
        while seconds > 0:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)

    def require(self) -> Model:
        """The model. Raises HTTPException 503 with the reason where there is none."""
        if self.model is None:
            raise HTTPException(503, self.problem)
        return self.model
