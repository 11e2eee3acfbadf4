"""When does an alert reach those who listen: an app on the event stream, a server behind a signed webhook?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Self, cast

import httptools
import orjson
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.bench.load.connection import Address

KIND = "case_assigned"
LOOPBACK = "127.0.0.1"
CASE_ID = b'"case_id":"'

OnAlert = Callable[[str, float], object]
"""Told the case's id and the moment of arrival on the monotonic clock."""


class StreamListener(asyncio.Protocol):
    """Listens to notify's event stream, as an app does."""

    def __init__(self, address: Address, on_alert: OnAlert) -> None:
        self._address = address
        self._on_alert = on_alert
        self._rest = b""
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, notify_url: str, on_alert: OnAlert) -> Self:
        """Connect; alerts made from now on arrive."""
        address = Address(notify_url)
        listener = cls(address, on_alert)
        await asyncio.get_running_loop().create_connection(lambda: listener, address.host, address.port)
        return listener

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._address.get("/v1/stream"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Called by the parser, once per piece of the stream."""
        arrived_s = time.monotonic()
        *events, self._rest = (self._rest + body).replace(b"\r\n", b"\n").split(b"\n\n")
        for event in events:
            if b"event: " + KIND.encode() in event:
                place = event.index(CASE_ID) + len(CASE_ID)
                self._on_alert(event[place : place + 36].decode(), arrived_s)


class WebhookReceiver:
    """A server that takes signed alerts; one whose signature is wrong is refused and counted."""

    def __init__(self, secret: str, on_alert: OnAlert) -> None:
        self._webhook = Webhook(secret)
        self._on_alert = on_alert
        self._runner: web.AppRunner | None = None
        self.forged = 0

    async def start(self, port: int) -> None:
        """Serve on the loopback address."""
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            self._webhook.verify(body, dict(request.headers))
        except WebhookVerificationError:
            self.forged += 1
            return web.Response(status=401)
        alert = orjson.loads(body)
        if alert["type"] == f"alert.{KIND}":
            self._on_alert(alert["data"]["case_id"], time.monotonic())
        return web.Response(status=204)
