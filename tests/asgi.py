"""How does a test call an app, without a port, exactly as a server would?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI
from starlette.types import Message

ANSWER_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The kind of a problem+json answer, which it must be."""
        assert self.headers["content-type"] == "application/problem+json", self.body
        prefix, _, kind = str(self.json()["type"]).rpartition(":")
        assert prefix == "urn:lamplight:problem"
        assert self.json()["status"] == self.status
        return kind


class Connection:
    """One request on its way: what the app receives, and what it sends."""

    def __init__(self, body: Sequence[bytes]) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self._chunks = list(body) or [b""]
        self._is_open = asyncio.Event()

    async def receive(self) -> Message:
        if self._chunks:
            chunk = self._chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(self._chunks)}
        await self._is_open.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.sent.put(message)

    def hang_up(self) -> None:
        """The client goes away."""
        self._is_open.set()


class Api:
    """Calls the routes of one app."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.call("GET", target, headers=headers)

    async def delete(self, target: str) -> Answer:
        return await self.call("DELETE", target)

    async def post(self, target: str, content: object, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a value as JSON; bytes are sent as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        length = {"content-length": str(len(body)), "content-type": "application/json"}
        return await self.call("POST", target, headers={**length, **(headers or {})}, body=[body])

    async def call(
        self, method: str, target: str, *, headers: Mapping[str, str] | None = None, body: Sequence[bytes] = ()
    ) -> Answer:
        """Send a request in the given chunks, and wait for the whole answer."""
        connection = Connection(body)
        async with asyncio.timeout(ANSWER_WITHIN_S):
            # Whatever gets out of an app was answered with a 500 first; a real server would write it to its log.
            [ending] = await asyncio.gather(self._run(method, target, headers, connection), return_exceptions=True)
        if connection.sent.empty():
            raise AssertionError("the app did not answer") from ending
        start = connection.sent.get_nowait()
        messages = [connection.sent.get_nowait() for _ in range(connection.sent.qsize())]
        return Answer(start["status"], _headers(start), b"".join(message.get("body", b"") for message in messages))

    @asynccontextmanager
    async def listen(self, target: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Connection]:
        """Keep an answer open that has no end; leaving hangs up."""
        connection = Connection(())
        running = asyncio.create_task(self._run("GET", target, headers, connection))
        try:
            yield connection
        finally:
            connection.hang_up()
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await asyncio.gather(running, return_exceptions=True)

    async def _run(self, method: str, target: str, headers: Mapping[str, str] | None, connection: Connection) -> None:
        parts = urlsplit(target)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": parts.path,
            "raw_path": quote(parts.path).encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self._app(scope, connection.receive, connection.send)


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[Api]:
    """Run an app's lifespan around the calls."""
    async with app.router.lifespan_context(app):
        yield Api(app)


def _headers(start: Message) -> Mapping[str, str]:
    return {name.decode().lower(): value.decode() for name, value in start["headers"]}
