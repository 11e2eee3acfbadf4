"""Does a client of a chaos run insist, under one key, until it is answered?"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.chaos.caller import Caller, Reply


class Moody:
    """A service that is away for some calls, and then answers."""

    def __init__(self) -> None:
        self.away_for = 0
        self.status = 202
        self.keys: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("Idempotency-Key", ""))
        if len(self.keys) <= self.away_for:
            return web.Response(status=503)
        return web.json_response({"path": request.path}, status=self.status)


@pytest.fixture
def service() -> Moody:
    return Moody()


@pytest.fixture
async def caller(service: Moody) -> AsyncIterator[Caller]:
    app = web.Application()
    app.router.add_route("*", "/{path}", service.handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Caller(session, [str(server.make_url("")).rstrip("/")], dice=random.Random(1))


async def test_a_call_is_repeated_under_its_key_until_it_is_answered(caller: Caller, service: Moody) -> None:
    service.away_for = 2

    reply = await caller.post("/reports", {}, key="k1", until_s=time.monotonic() + 10)

    assert reply == Reply(202, {"path": "/reports"})
    assert service.keys == ["k1"] * 3


async def test_a_refusal_is_an_answer(caller: Caller, service: Moody) -> None:
    service.status = 409

    reply = await caller.post("/reports", {}, key="k1", until_s=time.monotonic() + 10)

    assert reply is not None
    assert reply.status == 409
    assert len(service.keys) == 1


async def test_a_client_gives_up_at_its_deadline(caller: Caller, service: Moody) -> None:
    service.away_for = 1000

    reply = await caller.get("/cases", until_s=time.monotonic() + 0.2)

    assert reply is None


async def test_the_longest_silence_is_measured_while_somebody_waits(caller: Caller, service: Moody) -> None:
    service.away_for = 2

    await caller.get("/cases", until_s=time.monotonic() + 10)

    assert 0.05 < caller.longest_silence_s < 5
