import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.responses import StreamingResponse

from app.logs import JsonFormatter, configure_logs
from app.main import create_app
from app.observe import _request_id
from app.registry import FileList
from app.settings import SHIPPED_MODELS, Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def lines():
    """The log lines of the service, as objects."""
    collected: list[dict] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            collected.append(json.loads(self.format(record)))

    handler = Collect()
    logger = logging.getLogger("slipway.api")
    logger.addHandler(handler)
    yield collected
    logger.removeHandler(handler)


def broken_app() -> FastAPI:
    """The service with two routes that break: before the answer begins, and after."""
    app = create_app(
        Settings("http://predict:8001", FileList(SHIPPED_MODELS), 1.0, "dev"),
        httpx.MockTransport(lambda _: httpx.Response(200)),
    )

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret of the house")

    @app.get("/broken-late")
    def broken_late() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"a"
            raise RuntimeError("too late")

        return StreamingResponse(chunks())

    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://api")


async def test_an_exception_is_answered_counted_and_logged_as_500(lines: list[dict]) -> None:
    configure_logs("api", "dev")
    async with client(broken_app()) as service:
        response = await service.get("/broken", headers={"x-request-id": "r-1"})
        text = (await service.get("/metrics")).text
    assert (response.status_code, response.json()) == (500, {"detail": "internal error"})
    assert response.headers["x-request-id"] == "r-1"
    assert 'http_requests_total{method="GET",route="/broken",status="500"} 1.0' in text
    wrong = next(line for line in lines if line["message"] == "unhandled exception")
    assert wrong["request_id"] == "r-1"
    assert "secret of the house" in wrong["exception"]
    request = next(line for line in lines if line.get("route") == "/broken")
    assert (request["status"], request["service"], request["environment"]) == (500, "api", "dev")


async def test_an_answer_that_breaks_on_its_way_is_cut_off_and_not_finished() -> None:
    async with client(broken_app()) as service:
        with pytest.raises(RuntimeError, match="too late"):
            await service.get("/broken-late")
        text = (await service.get("/metrics")).text
    assert 'route="/broken-late",status="200"} 1.0' in text


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 64])
async def test_a_request_keeps_its_id(given: str) -> None:
    async with client(broken_app()) as service:
        assert (await service.get("/metrics", headers={"x-request-id": given})).headers["x-request-id"] == given


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=80))
def test_what_is_no_id_is_replaced(text: str) -> None:
    given = _request_id(Headers({"x-request-id": text}))
    acceptable = 0 < len(text) <= 64 and all(
        letter.isascii() and (letter.isalnum() or letter in "._-") for letter in text
    )
    assert (given == text) if acceptable else (len(given) == 32 and given.isalnum())


@given(st.text(), st.dictionaries(st.sampled_from(["route", "status"]), st.text()))
def test_a_log_line_is_one_line_of_json(message: str, fields: dict[str, str]) -> None:
    record = logging.LogRecord("api", logging.INFO, __file__, 1, "%s", (message,), None)
    record.fields = fields
    line = JsonFormatter("api", "dev").format(record)
    assert "\n" not in line
    assert json.loads(line).items() >= {"message": message, "level": "info", "service": "api", **fields}.items()
