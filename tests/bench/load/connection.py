"""How does the load generator speak HTTP so cheaply that it leaves the machine to what it measures?

One request at a time on a connection that stays open; requests are bytes that were put together beforehand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, cast
from urllib.parse import urlsplit

import httptools

ANSWER_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 stands for a connection that broke or stayed silent."""

    status: int
    body: bytes


BROKEN = Reply(0, b"")


class Address:
    """A service's host and port."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 80)

    def get(self, path: str) -> bytes:
        """The bytes of a GET."""
        return f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n\r\n".encode()

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """The bytes of a POST with a JSON body."""
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{more}\r\n"
        )
        return head.encode() + body


class Connection(asyncio.Protocol):
    """One kept connection; opens itself again after it broke."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Reply] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""

    @classmethod
    async def open(cls, address: Address) -> Self:
        """Connect now, so that no measured request pays for it."""
        connection = cls(address)
        await connection._connect()
        return connection

    async def ask(self, request: bytes) -> Reply:
        """Send one request and wait for its answer; a failure is an answer with status 0."""
        try:
            if self._transport is None:
                await self._connect()
            self._waiting = asyncio.get_running_loop().create_future()
            assert self._transport is not None
            self._transport.write(request)
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._waiting
        except (OSError, TimeoutError):
            self.close()
            return BROKEN

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, self._address.host, self._address.port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError("the service closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self._body = b""

    def on_body(self, body: bytes) -> None:
        """Called by the parser, once per piece."""
        self._body += body

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Reply(self._parser.get_status_code(), self._body))
