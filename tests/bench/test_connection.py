"""Does the load generator's connection speak HTTP as a client must?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.bench.load.connection import BROKEN, Address, Connection


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async def echo(request: web.Request) -> web.Response:
        said = await request.read() if request.method == "POST" else request.path_qs.encode()
        return web.Response(status=202, body=said + request.headers.get("Idempotency-Key", "").encode())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_one_connection_carries_many_requests(server: str) -> None:
    address = Address(server)
    connection = await Connection.open(address)

    first = await connection.ask(address.post("/v1/things", "点亮".encode(), {"Idempotency-Key": "k1"}))
    second = await connection.ask(address.get("/v1/things?limit=2"))

    assert (first.status, first.body.decode()) == (202, "点亮k1")
    assert second.body == b"/v1/things?limit=2"
    connection.close()


async def test_a_large_answer_arrives_whole(server: str) -> None:
    address = Address(server)
    connection = await Connection.open(address)

    reply = await connection.ask(address.post("/", b"x" * 300_000))

    assert len(reply.body) == 300_000
    connection.close()


async def test_a_broken_connection_is_an_answer_without_status_and_the_next_request_connects_anew(server: str) -> None:
    address = Address(server)
    connection = await Connection.open(address)
    connection.close()

    again = await connection.ask(address.get("/"))
    nobody = await Connection(Address("http://127.0.0.1:9")).ask(address.get("/"))

    assert again.status == 202
    assert nobody == BROKEN
    connection.close()
