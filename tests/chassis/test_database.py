"""Is a database that does not answer told from one that does, within seconds?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import make_url

from lamplight_chassis import database as database_module
from lamplight_chassis.database import Database, open_database
from lamplight_chassis.settings import ServiceSettings
from lamplight_chassis.transience import is_transient

CONNECTIONS = 2


@pytest.fixture
async def small_database(database_url: str) -> AsyncIterator[Database]:
    settings = ServiceSettings(database_url=database_url, database_pool_size=CONNECTIONS)
    database = open_database(settings, application_name="test", on_events=lambda: None)
    yield database
    await database.close()


async def test_nobody_waits_for_ever_for_a_connection_when_all_of_them_hang(
    small_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = [asyncio.create_task(small_database.fetch("SELECT pg_sleep(60)")) for _ in range(CONNECTIONS)]
    await asyncio.sleep(0.2)
    monkeypatch.setattr(database_module, "CONNECT_TIMEOUT_S", 0.2)

    async with asyncio.timeout(5):
        with pytest.raises(TimeoutError) as failure:
            await small_database.ping()

    assert is_transient(failure.value)
    assert not any(task.done() for task in hanging)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


class Freezer:
    """Stands between a service and its server, and stops carrying anything when it is told to; nobody hangs up."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._carrying: list[asyncio.Task[None]] = []

    def freeze(self) -> None:
        self._thawed.clear()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(*self._place)
        self._carrying += [
            asyncio.create_task(self._carry(reader, to_server)),
            asyncio.create_task(self._carry(from_server, writer)),
        ]

    async def stop(self) -> None:
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                await self._thawed.wait()
                writer.write(chunk)
        finally:
            writer.close()


async def test_a_server_that_freezes_under_a_query_is_told_within_seconds(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "READ_TIMEOUT_S", 0.2)
    monkeypatch.setattr(database_module, "CONNECT_TIMEOUT_S", 0.5)
    url = make_url(database_url)
    freezer = Freezer(url.host or "", url.port or 0)
    server = await asyncio.start_server(freezer.accept, "127.0.0.1", 0)
    through = url.set(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    settings = ServiceSettings(database_url=through.render_as_string(hide_password=False))
    database = open_database(settings, application_name="test", on_events=lambda: None)
    await database.ping()
    freezer.freeze()

    async with asyncio.timeout(5):
        with pytest.raises(TimeoutError) as failure:
            await database.fetch("SELECT 1")

    assert is_transient(failure.value)
    await database.close()
    server.close()
    await freezer.stop()


async def test_a_connection_is_free_again_after_a_query_that_failed(small_database: Database) -> None:
    for _ in range(CONNECTIONS + 1):
        with pytest.raises(Exception, match="nothing_here"):
            await small_database.fetch("SELECT * FROM nothing_here")

    async with asyncio.timeout(5):
        await small_database.ping()
