import asyncio

import pytest
from fastapi import HTTPException
from starlette.types import Message, Receive, Scope, Send

from app.limits import MAX_BODY_BYTES, LimitBody

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def read_whole(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the body, and then waits for the end of the connection."""
    while (await receive()).get("more_body", False):
        pass
    assert (await receive())["type"] == "http.disconnect"


async def send_nowhere(_: Message) -> None:
    raise AssertionError("nothing is sent")


async def deliver(messages: list[Message], seconds: float = 5, pause_before_end: float = 0) -> None:
    waiting = iter(messages)

    async def receive() -> Message:
        message = next(waiting, None)
        if message is None:
            await asyncio.sleep(pause_before_end)
            return {"type": "http.disconnect"}
        if "body" not in message:  # a sender that never goes on
            await asyncio.Event().wait()
        return message

    await LimitBody(read_whole, seconds)({"type": "http"}, receive, send_nowhere)


def chunk(size: int, more: bool) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def test_a_body_of_exactly_the_limit_passes() -> None:
    await deliver([chunk(MAX_BODY_BYTES - 1, True), chunk(1, False)])


async def test_a_body_above_the_limit_is_refused_while_it_arrives() -> None:
    with pytest.raises(HTTPException) as raised:
        await deliver([chunk(MAX_BODY_BYTES, True), chunk(1, True), {"type": "http.request"}])
    assert raised.value.status_code == 413


async def test_a_body_that_stops_on_its_way_is_given_up() -> None:
    with pytest.raises(HTTPException) as raised:
        await deliver([chunk(1, True), {"type": "http.request"}], seconds=0.05)
    assert (raised.value.status_code, raised.value.detail) == (408, "the body did not arrive within 0.05 seconds")


async def test_the_time_for_the_body_does_not_limit_the_answer() -> None:
    await deliver([chunk(1, False)], seconds=0.02, pause_before_end=0.06)


async def test_other_kinds_of_scope_pass_through() -> None:
    seen: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        raise AssertionError("nothing is received")

    await LimitBody(application)({"type": "lifespan"}, receive, send_nowhere)
    assert seen == [{"type": "lifespan"}]
