"""The service as a process: uvicorn with the words of the Dockerfile, a stand-in for predict on the other side."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent
TIMEOUT = 30.0


class SlowPredict:
    """Answers predictions when it is told to, and everything else at once."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go_on = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                outer.asked.set()
                assert outer.go_on.wait(TIMEOUT)
                self._answer()

            def _answer(self) -> None:
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def predict() -> Iterator[SlowPredict]:
    service = SlowPredict()
    yield service
    service.close()


def words_of_the_dockerfile() -> list[str]:
    found = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.M)
    assert found
    return json.loads(found[1])


@pytest.fixture
def service(predict: SlowPredict) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running process and its address. The port is bound here, so that nobody else can take it meanwhile."""
    listener = socket.create_server(("127.0.0.1", 0))
    words = [word for word in words_of_the_dockerfile() if word not in ("--host", "0.0.0.0", "--port", "8000")]
    process = subprocess.Popen(
        [sys.executable, "-m", *words, "--fd", str(listener.fileno())],
        cwd=ROOT,
        env={"PREDICT_URL": predict.url, "PREDICT_TIMEOUT_SECONDS": "30", "ENVIRONMENT": "dev"},
        pass_fds=[listener.fileno()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    host, port = listener.getsockname()[:2]
    listener.close()
    yield process, f"http://{host}:{port}"
    if process.poll() is None:
        process.kill()
    if process.stdout:
        process.stdout.close()
    process.wait()


def test_a_stop_lets_the_request_in_flight_end(
    predict: SlowPredict, service: tuple[subprocess.Popen[str], str]
) -> None:
    process, address = service
    with httpx.Client(base_url=address, timeout=TIMEOUT, trust_env=False) as client, ThreadPoolExecutor() as pool:
        asking = pool.submit(client.post, "/predict", json={"rows": []}, headers={"x-request-id": "last"})
        assert predict.asked.wait(TIMEOUT)
        process.send_signal(signal.SIGTERM)
        refuse_new_connections(address)
        assert process.poll() is None
        predict.go_on.set()
        response = asking.result(TIMEOUT)
    assert (response.status_code, response.json(), response.headers["x-request-id"]) == (200, {}, "last")
    output, _ = process.communicate(timeout=TIMEOUT)
    # uvicorn ends as its signal would have ended it.
    assert process.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    logged = [
        (line["route"], line["status"], line["environment"]) for line in lines if line.get("request_id") == "last"
    ]
    assert logged == [("/predict", 200, "dev")]


def refuse_new_connections(address: str) -> None:
    """Returns as soon as the service takes no new connection."""
    while True:
        try:
            httpx.get(f"{address}/health", timeout=1, trust_env=False)
        except httpx.TransportError:
            return
