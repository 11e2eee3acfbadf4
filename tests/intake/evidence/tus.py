"""How does a test speak tus, and how does it lose the connection in the middle of a part?"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from uuid import UUID

from starlette.types import Message

from tests.asgi import Answer, Api, Connection

TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


class LostConnection(Connection):
    """Sends some of a body, and then is gone."""

    async def receive(self) -> Message:
        if self._chunks:
            return {"type": "http.request", "body": self._chunks.pop(0), "more_body": True}
        return {"type": "http.disconnect"}


def metadata(**values: str) -> str:
    """The header `Upload-Metadata`."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


async def begin(api: Api, length: int, headers: Mapping[str, str] | None = None) -> Answer:
    given = {**TUS, "Upload-Length": str(length), **(headers or {})}
    return await api.call("POST", "/v1/uploads", headers=given)


async def begun(api: Api, length: int, headers: Mapping[str, str] | None = None) -> str:
    """The path of a new upload."""
    answer = await begin(api, length, headers)
    assert answer.status == 201, answer.body
    return answer.headers["location"]


async def send(api: Api, place: str, part: bytes, *, offset: int, chunk: int = 64 * 1024) -> Answer:
    """One part, in the chunks in which a network delivers it."""
    chunks = [part[start : start + chunk] for start in range(0, len(part), chunk)]
    headers = {**PART, "Upload-Offset": str(offset), "Content-Length": str(len(part))}
    return await api.call("PATCH", place, headers=headers, body=chunks)


async def send_and_lose(api: Api, place: str, part: bytes, *, offset: int, declared: int) -> None:
    """A part of which only the beginning arrives."""
    chunks = [part[start : start + 64 * 1024] for start in range(0, len(part), 64 * 1024)]
    headers = {**PART, "Upload-Offset": str(offset), "Content-Length": str(declared)}
    await api._run("PATCH", place, headers, LostConnection(chunks))


async def look(api: Api, place: str) -> Answer:
    return await api.call("HEAD", place, headers=TUS)


async def offset_of(api: Api, place: str) -> int:
    answer = await look(api, place)
    assert answer.status == 200, answer.body
    return int(answer.headers["upload-offset"])


def id_of(place: str) -> UUID:
    return UUID(place.rpartition("/")[2])
