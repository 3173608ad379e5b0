"""Questions to the predict service."""

from __future__ import annotations

import httpx
from fastapi import HTTPException

from .observe import REQUEST_ID


class Upstream:
    """The predict service behind its address. Every question carries the id of the request that it is asked for."""

    def __init__(self, url: str, timeout_seconds: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.client = httpx.AsyncClient(base_url=url, timeout=timeout_seconds, transport=transport, trust_env=False)

    async def ask(self, method: str, path: str, request_id: str, body: bytes | None = None) -> httpx.Response:
        """The answer whatever its status. Raises HTTPException 504 when it takes too long, 502 where there is none."""
        headers = {"content-type": "application/json", REQUEST_ID: request_id}
        try:
            return await self.client.request(method, path, content=body, headers=headers)
        except httpx.TimeoutException as error:
            raise HTTPException(504, "predict did not answer in time") from error
        except httpx.TransportError as error:
            raise HTTPException(502, "predict cannot be reached") from error
