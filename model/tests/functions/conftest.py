"""A real MiniStack for the whole session, for S3; every test gets an account of its own in it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The layer of the lake's functions: `training_handler` reads the lake with it.
sys.path.insert(0, str(Path(__file__).parents[3] / "data" / "src"))

from api_calls import Predictor
from deploy_world import Deployments
from ministack_server import running
from model_world import World

from modelkit.cloud import api

_accounts = itertools.count(200_000_000_001)


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MiniStack that lives as long as the session."""
    with running(tmp_path_factory.mktemp("ministack")) as address:
        yield address


@pytest.fixture
def world(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An empty account; the environment then is that of a function in it."""
    made = World(endpoint, f"{next(_accounts)}", monkeypatch)
    yield made
    made.close()


@pytest.fixture
def lab(world: World) -> Deployments:
    """An empty package group, and no endpoint yet."""
    return Deployments(world)


@pytest.fixture
def registry(world: World) -> World:
    world.set(MODEL_REGISTRY=world.registry, ENDPOINT_NAME="slipway-test-housing")
    return world


@pytest.fixture
def predictor(registry: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Predictor]:
    made = Predictor()

    def note(params: dict[str, Any], **_: Any) -> None:
        made.asked.append(params)

    made.client.meta.events.register("provide-client-params.sagemaker-runtime.InvokeEndpoint", note)
    clients = {"sagemaker-runtime": made.client}
    monkeypatch.setattr(api, "client", lambda name, **_: clients[name])
    yield made
    made.stub.deactivate()
    made.client.close()
