"""Where does the raw limit write, so that it has what the pipeline has and harms nothing?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from lamplight_events.topics import REPORTS
from tests.bench.load.raw_limit import TABLE, TOPIC
from tests.bench.stored_city import StoredCity


@contextmanager
def raw_store(stored: StoredCity) -> Iterator[None]:
    """An empty table like intake's own, with its indexes, and a topic with as many partitions that nobody reads."""
    asyncio.run(_prepare(stored))
    try:
        yield
    finally:
        asyncio.run(_execute(stored, f"DROP TABLE {TABLE}"))


async def _prepare(stored: StoredCity) -> None:
    await _execute(stored, f"DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} (LIKE reports INCLUDING ALL)")
    admin = AIOKafkaAdminClient(bootstrap_servers=stored.city.stack.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, REPORTS.partitions, 1)])
    finally:
        await admin.close()


async def _execute(stored: StoredCity, statement: str) -> None:
    connection = await asyncpg.connect(stored.dsn("intake"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
