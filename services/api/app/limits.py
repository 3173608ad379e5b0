"""Bounds of a body, kept while it arrives: a declared length is a claim, and a slow sender keeps a place busy."""

from __future__ import annotations

import asyncio

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1_048_576
BODY_SECONDS = 10.0


class LimitBody:
    """ASGI middleware: 413 for a body that is too large, 408 for one that does not arrive in time."""

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; other kinds of scope pass through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size, complete = 0, False
        end = asyncio.get_running_loop().time() + self.seconds

        async def limited_receive() -> Message:
            nonlocal size, complete
            if complete:  # what comes now is the end of the connection, which may take as long as it likes
                return await receive()
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, f"the body did not arrive within {self.seconds:g} seconds") from error
            size += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if size > MAX_BODY_BYTES:
                raise HTTPException(413, f"at most {MAX_BODY_BYTES} bytes")
            return message

        await self.app(scope, limited_receive, send)
