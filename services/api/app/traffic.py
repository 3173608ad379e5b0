"""What the predict service has answered lately, by the model that answered: how a canary looks from the outside."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from threading import Lock

from pydantic import BaseModel

WINDOW = 1000
"""Answers that are remembered. Older ones are forgotten, so that a canary that ended does not show for ever."""


class ModelTraffic(BaseModel):
    """Answers of one model version within the window."""

    model: str
    """`name/version`, as the predict service says it in `x-model-version`."""
    requests: int
    errors: int
    """Answers with a status of 500 or more."""
    share: float
    """Its part of the answers that name a model, from 0 to 1."""


class Traffic(BaseModel):
    """Answers to predictions as this replica saw them, at most the last thousand."""

    requests: int
    errors: int
    """Answers with a status of 500 or more, those where predict could not be reached among them."""
    error_rate: float
    """From 0 to 1; 0 without requests."""
    models: list[ModelTraffic]


@dataclass(frozen=True)
class _Answer:
    model: str | None
    failed: bool


class TrafficWindow:
    """The last answers. Safe to use from several threads."""

    def __init__(self, size: int = WINDOW) -> None:
        self._answers: deque[_Answer] = deque(maxlen=size)
        self._lock = Lock()

    def add(self, status: int, model: str | None) -> None:
        """One answer with its HTTP status; the model is None where the answer names none."""
        with self._lock:
            self._answers.append(_Answer(model, status >= 500))

    def summary(self) -> Traffic:
        """Models in the order of their names."""
        with self._lock:
            answers = list(self._answers)
        requests = Counter(answer.model for answer in answers)
        errors = Counter(answer.model for answer in answers if answer.failed)
        named = len(answers) - requests[None]
        return Traffic(
            requests=len(answers),
            errors=errors.total(),
            error_rate=errors.total() / len(answers) if answers else 0.0,
            models=[
                ModelTraffic(model=model, requests=count, errors=errors[model], share=count / named)
                for model, count in sorted((model, count) for model, count in requests.items() if model is not None)
            ],
        )
