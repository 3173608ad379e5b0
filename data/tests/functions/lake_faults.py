"""Looking into the calls of a lake's clients, and letting them end badly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lakehouse.runtime import Clients


class Killed(BaseException):
    """The process ends here: nothing may catch it and go on."""


class Faults:
    """What can happen around the calls of some clients."""

    clients: Clients

    @contextmanager
    def hooked(self, moment: str, hook: Callable[[str, Any], None]) -> Iterator[None]:
        """Calls hook(operation, facts) around every call of every client."""

        def each(event_name: str, **facts: Any) -> None:
            hook(event_name.rsplit(".", 1)[-1], facts)

        clients = list(vars(self.clients).values())
        for client in clients:
            client.meta.events.register(moment, each)
        try:
            yield
        finally:
            for client in clients:
                client.meta.events.unregister(moment, each)

    def writes(self, action: Callable[[], object]) -> list[str]:
        """The writing calls that an action makes, in order."""
        made: list[str] = []
        with self.hooked("after-call", lambda operation, _: made.append(operation) if is_write(operation) else None):
            action()
        return made

    def killed_after(self, writes: int, action: Callable[[], object]) -> None:
        """Does an action and dies right after that many writes have happened."""
        left = writes

        def count(operation: str, _: Any) -> None:
            nonlocal left
            left -= is_write(operation)
            if left == 0:
                raise Killed

        with self.hooked("after-call", count), pytest.raises(Killed):
            action()


def is_write(operation: str) -> bool:
    return not operation.startswith(("Get", "Head", "List"))
