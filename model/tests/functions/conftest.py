"""A real MiniStack for the whole session, for S3; every test gets an account of its own in it."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The layer of the lake's functions: `training_handler` reads the lake with it.
sys.path.insert(0, str(Path(__file__).parents[3] / "data" / "src"))

from api_calls import Predictor
from deploy_world import Deployments
from model_world import World

from modelkit.cloud import api

_START_SECONDS = 60.0
_ATTEMPTS = 3
_accounts = itertools.count(200_000_000_001)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Nothing of the machine's settings, nothing of the server's files outside of its folder."""
    environment = {
        # Functions run as `python3`, with what is installed beside the interpreter of the tests.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    with (folder / "output.log").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "ministack"], cwd=folder, env=environment, stdout=output, stderr=output
        )


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        # Its own way down waits for connections that clients keep open.
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MiniStack that lives as long as the session. A port that got taken costs another attempt."""
    folder = tmp_path_factory.mktemp("ministack")
    for _ in range(_ATTEMPTS):
        port = _free_port()
        process = _start(folder, port)
        try:
            if _answers(process, port):
                yield f"http://127.0.0.1:{port}"
                return
        finally:
            _stop(process)
    raise RuntimeError(f"MiniStack did not start:\n{(folder / 'output.log').read_text()[-4000:]}")


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
