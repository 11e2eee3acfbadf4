"""How do the three services run in one process, joined by a pump where Kafka would be?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from fastapi import FastAPI

from lamplight_chassis.kafka import subscribe
from lamplight_chassis.outbox import unpack_headers
from tests.asgi import Api, running
from tests.builders import raw_record
from tests.services import NOWHERE, OPEN, SERVICES, fetch

Records = Sequence[ConsumerRecord[bytes, bytes]]
Handle = Callable[[Records], Awaitable[None]]

TAKE = "WITH gone AS (DELETE FROM outbox RETURNING id, topic, key, headers, value) SELECT * FROM gone ORDER BY id"


class Subscriptions:
    """Stands where a service subscribes to Kafka, and keeps what it would be handed, by service and topic."""

    def __init__(self) -> None:
        self.handles: dict[tuple[str, str], Handle] = {}

    def subscribe(self, *given: Any, name: str, topic: str, handle: Handle, **others: Any) -> None:
        self.handles[name, topic] = handle
        subscribe(*given, name=name, topic=topic, handle=handle, **others)


def an_instance(service: str, url: str) -> tuple[FastAPI, Mapping[str, Handle]]:
    """A service's app as it is wired in production, and what handles each of its topics."""
    create_app, read_settings = SERVICES[service]
    subscriptions = Subscriptions()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lamplight_chassis.service.subscribe", subscriptions.subscribe)
        app = create_app(read_settings(database_url=url, kafka_bootstrap_servers=NOWHERE, instance_id="1", rights=OPEN))
    return app, {topic: handle for (_, topic), handle in subscriptions.handles.items()}


class Town:
    """Three running services; `pump` carries what they tell, as often as it is asked to."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.urls = urls
        self.apis: dict[str, Api] = {}
        self.log: list[ConsumerRecord[bytes, bytes]] = []
        self._handles: dict[tuple[str, str], Handle] = {}

    async def start(self, service: str, stack: AsyncExitStack) -> None:
        app, handles = an_instance(service, self.urls[service])
        self.apis[service] = await stack.enter_async_context(running(app))
        self._handles.update({(service, topic): handle for topic, handle in handles.items()})

    async def pump(self, *, times: int = 1) -> None:
        """Carry everything that waits, each record so many times, until nobody has anything to tell."""
        while records := [record for service in self.urls for record in await self.take(service)]:
            for _ in range(times):
                await self.deliver(records)

    async def deliver(self, records: Records) -> None:
        """Hand records to everyone who reads their topics, topic by topic as one batch."""
        for (_, topic), handle in self._handles.items():
            if batch := [record for record in records if record.topic == topic]:
                await handle(batch)

    async def rows(self, service: str, query: str, *values: object) -> list[dict[str, Any]]:
        """The rows of one statement in a service's database."""
        return await fetch(self.urls[service], query, *values)

    async def take(self, service: str) -> Records:
        """Empty a service's outbox, as the relay does; what was in it stands in the log."""
        taken = [
            raw_record(
                row["value"],
                topic=row["topic"],
                key=row["key"],
                headers=tuple(unpack_headers(row["headers"])),
                offset=len(self.log) + number,
            )
            for number, row in enumerate(await self.rows(service, TAKE))
        ]
        self.log += taken
        return taken


@asynccontextmanager
async def a_town(new_database: Callable[[str], str]) -> AsyncIterator[Town]:
    """A town with empty databases."""
    town = Town({service: new_database(service) for service in SERVICES})
    async with AsyncExitStack() as stack:
        for service in SERVICES:
            await town.start(service, stack)
        yield town
