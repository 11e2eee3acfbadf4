"""What does a server on this machine see of the webhooks that reach it?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Received:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Answers `/status/<number>` with that status; `/redirect`, `/never` and `/garbage` do what they say."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.port = 0
        self._is_over = asyncio.Event()

    def address(self, path: str, *, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Receiver]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(runner.addresses[0][1])
        try:
            yield self
        finally:
            self._is_over.set()
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        self.received.append(Received(request.path, request.headers, await request.read()))
        word, _, number = request.path.strip("/").partition("/")
        if word == "redirect":
            raise web.HTTPFound("/status/200")
        if word == "never":
            await self._is_over.wait()
        transport: Any = request.transport
        if word == "garbage":
            transport.write(b"what do you want of me?\x00\xff\r\n\r\n")
        if word in ("garbage", "hangs-up"):
            transport.close()
        return web.Response(status=int(number or 200), text="thank you")
