"""Is a database that does not answer told from one that does, within seconds?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

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


async def test_a_connection_is_free_again_after_a_query_that_failed(small_database: Database) -> None:
    for _ in range(CONNECTIONS + 1):
        with pytest.raises(Exception, match="nothing_here"):
            await small_database.fetch("SELECT * FROM nothing_here")

    async with asyncio.timeout(5):
        await small_database.ping()
