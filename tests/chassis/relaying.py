"""How does a test run a relay over a real Kafka and PostgreSQL, and see what came out?"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from prometheus_client import CollectorRegistry
from sqlalchemy import text

from deploy.local.stack import Stack
from lamplight_chassis.database import Database, open_database
from lamplight_chassis.kafka import start_producer
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.outbox import add_to_outbox
from lamplight_chassis.relay import Relay
from lamplight_chassis.settings import ServiceSettings
from tests.chassis.parts import Outgoing, rows_of
from tests.kafka import a_topic_name, create_topics, read_all
from tests.polling import until

LOCK_KEY_OF_ROW = text("SELECT pg_advisory_xact_lock(7, :key)")
COMMIT_LATE = text("SELECT pg_sleep(:seconds)")


@dataclass(frozen=True, slots=True)
class Post:
    """An outbox with a topic for its events and one for dead letters."""

    stack: Stack
    database: Database
    database_url: str
    topic: str
    dead_letters: str

    def relay(self, instance: str = "1") -> Relay:
        """A relay that does not run yet."""
        settings = ServiceSettings(
            database_url=self.database_url,
            kafka_bootstrap_servers=self.stack.bootstrap_servers,
            instance_id=instance,
        )
        return Relay(
            name="post",
            dsn=settings.asyncpg_dsn,
            dead_letter_topic=self.dead_letters,
            start_producer=partial(start_producer, settings, name="post"),
            metrics=ChassisMetrics(CollectorRegistry()),
        )

    async def write(self, *events: Outgoing) -> None:
        """Commit events in one transaction."""
        async with self.database.transaction() as work:
            for event in events:
                work.emit(event)

    async def is_empty(self) -> bool:
        """Whether nothing waits that could be sent."""
        return await self.waiting() == 0

    async def waiting(self) -> int:
        return len(await rows_of(self.database, "SELECT id FROM outbox"))

    async def drained(self, within_s: float = 30.0) -> float:
        """Wait until everything was sent."""
        return await until(self.is_empty, "an empty outbox", within_s=within_s)

    async def published(self) -> Sequence[tuple[bytes, bytes]]:
        """Key and value of each event that arrived, in the order of its key."""
        records = await read_all(self.stack.bootstrap_servers, self.topic)
        return [(record.key or b"", record.value or b"") for record in records]

    async def lock_holders(self) -> list[int]:
        """The database sessions that hold the lock of the active relay."""
        query = (
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' "
            "AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return [row.pid for row in await rows_of(self.database, query)]

    async def cut_active_relay(self) -> None:
        """End the database session of the active relay from outside."""
        for pid in await self.lock_holders():
            await rows_of(self.database, f"SELECT pg_terminate_backend({pid}, 5000)")


@asynccontextmanager
async def a_post(stack: Stack, database_url: str) -> AsyncIterator[Post]:
    """A new outbox with new topics."""
    database = open_database(ServiceSettings(database_url=database_url), application_name="test", on_events=_nobody)
    post = Post(stack, database, database_url, a_topic_name(), a_topic_name("dead"))
    await create_topics(stack.bootstrap_servers, post.topic)
    await create_topics(stack.bootstrap_servers, post.dead_letters, max_bytes=2 * 1024 * 1024)
    yield post
    await database.close()


def _nobody() -> None:
    return


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    """Run relays, and stop them as a service does."""
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for relay in relays:
            relay.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)


async def write_concurrently(post: Post, *, writers: int, events_each: int, keys: int) -> int:
    """Let writers add to few hot keys, each key locked while its next number is given out; answers how many events.

    Some commit late, so that rows with smaller ids appear after rows with larger ones.
    """
    numbers = dict.fromkeys(range(keys), 0)

    async def write(writer: int) -> None:
        chance = random.Random(writer)
        for _ in range(events_each):
            key = chance.randrange(keys)
            async with post.database.transaction() as work:
                await work.connection.execute(LOCK_KEY_OF_ROW, {"key": key})
                numbers[key] += 1
                event = Outgoing(topic=post.topic, key=f"{key}".encode(), value=f"{numbers[key]}".encode())
                await add_to_outbox(work.connection, [event])
                await work.connection.execute(COMMIT_LATE, {"seconds": chance.choice((0, 0, 0, 0.02))})

    await asyncio.gather(*(write(writer) for writer in range(writers)))
    return sum(numbers.values())


def first_appearances(published: Sequence[tuple[bytes, bytes]]) -> dict[bytes, list[int]]:
    """The numbers of each key in the order in which they first arrived."""
    found: dict[bytes, dict[int, None]] = {}
    for key, value in published:
        found.setdefault(key, {})[int(value)] = None
    return {key: list(numbers) for key, numbers in found.items()}


def assert_complete_and_in_order(published: Sequence[tuple[bytes, bytes]], *, count: int) -> None:
    """Each key's numbers first arrived as 1, 2, 3 and so on, and all of them did."""
    found = first_appearances(published)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in found.values()), found
    assert sum(map(len, found.values())) == count, {key: len(numbers) for key, numbers in found.items()}
