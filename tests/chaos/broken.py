"""What does a build look like that has no outbox, or no inbox?

`python -m tests.chaos.broken outbox intake` runs a service with one part taken out, so that a chaos run can prove that
it would notice. The services themselves know no such switch.
"""

from __future__ import annotations

import asyncio
import runpy
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncConnection

from lamplight_chassis import inbox
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.inbox import Claims
from lamplight_chassis.kafka import start_producer
from lamplight_chassis.outbox import OutgoingRecord
from lamplight_chassis.settings import ServiceSettings

SEND_WITHIN_S = 2.0


class DirectPublisher:
    """Sends events to Kafka after the commit; what cannot be sent is gone."""

    def __init__(self) -> None:
        self._producer: AIOKafkaProducer | None = None

    async def send(self, records: list[OutgoingRecord]) -> None:
        """Try once."""
        with suppress(Exception):
            async with asyncio.timeout(SEND_WITHIN_S):
                producer = await self._started()
                for record in records:
                    await producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
                await producer.flush()

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await start_producer(ServiceSettings(database_url="postgresql://unused"), name="direct")
        return self._producer


def without_outbox() -> None:
    """Publish after the commit, as many a service does."""
    publisher = DirectPublisher()

    @asynccontextmanager
    async def transaction(database: Database) -> AsyncIterator[UnitOfWork]:
        async with database.engine.begin() as connection:
            work = UnitOfWork(connection)
            yield work
        await publisher.send(work._outgoing)
        work.commit_done()

    Database.transaction = transaction  # type: ignore[method-assign, assignment]


def without_inbox() -> None:
    """Take every delivery of an event for the first one."""

    async def claim_events(connection: AsyncConnection, digests: Mapping[UUID, int]) -> Claims:
        return Claims(frozenset(digests), frozenset())

    inbox.claim_events = claim_events  # consumers import it later than this


TAKE_OUT: Mapping[str, Callable[[], None]] = {"outbox": without_outbox, "inbox": without_inbox}


def main() -> None:
    """Take the named part out and run the named service."""
    part, service = sys.argv[1:3]
    TAKE_OUT[part]()
    sys.argv[1:] = []
    runpy.run_module(service, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
