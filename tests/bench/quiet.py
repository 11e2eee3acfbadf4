"""Has everything that was told arrived everywhere, so that the next run starts with nothing in its way?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from lamplight_events.topics import TOPICS
from tests.bench.stored_city import StoredCity

QUIET_WITHIN_S = 120.0
POLL_S = 0.2
_WAITING: Mapping[str, str] = {
    "intake": "SELECT count(*) FROM outbox",
    "dispatch": "SELECT count(*) FROM outbox",
    "notify": "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM deliveries WHERE state = 'pending')",
}


async def wait_until_quiet(stored: StoredCity) -> float:
    """Wait until no event is in an outbox, in Kafka or in a delivery; returns the seconds that took.

    Raises:
        TimeoutError: there is still a backlog after two minutes.
    """
    began_s = time.monotonic()
    async with asyncio.timeout(QUIET_WITHIN_S):
        while True:
            if not await _rows_waiting(stored) and not await _records_waiting(stored.city.stack.bootstrap_servers):
                return time.monotonic() - began_s
            await asyncio.sleep(POLL_S)


async def _rows_waiting(stored: StoredCity) -> int:
    total = 0
    for service, question in _WAITING.items():
        connection = await asyncpg.connect(stored.dsn(service))
        try:
            total += int(await connection.fetchval(question))
        finally:
            await connection.close()
    return total


async def _records_waiting(bootstrap_servers: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    await admin.start()
    await consumer.start()
    try:
        waiting = 0
        for topic in TOPICS:
            partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            ends = await consumer.end_offsets(partitions)
            for group in topic.consumers:
                offsets = await admin.list_consumer_group_offsets(group, partitions=partitions)
                waiting += sum(ends[partition] - max(offsets[partition].offset, 0) for partition in partitions)
        return waiting
    finally:
        await consumer.stop()
        await admin.close()
