"""A real MiniStack for the whole session; every test gets an account of its own in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from lake_world import World
from ministack_server import running

_accounts = itertools.count(100_000_000_001)


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MiniStack that lives as long as the session."""
    with running(tmp_path_factory.mktemp("ministack")) as address:
        yield address


@pytest.fixture
def make_world(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], World]:
    """Makes a lake in a fresh account; the environment then is that lake's."""
    return lambda: World(endpoint, f"{next(_accounts)}", monkeypatch)


@pytest.fixture
def world(make_world: Callable[[], World]) -> World:
    return make_world()
