"""Does every handler of every service survive a redelivery, a malformed body and a field it does not know?

The table is built from the services' own: a new handler is enrolled by existing.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from fastapi import FastAPI

import dispatch.handlers
import intake.handlers
import notify.handlers
from lamplight_chassis.clock import new_id
from lamplight_chassis.outbox import unpack_headers
from lamplight_events.event import Event
from lamplight_events.topics import TOPIC_OF
from notify.audience import RULES
from tests.builders import BUILDERS, a_record
from tests.flow.town import Handle, an_instance
from tests.services import fetch

HANDLERS = {
    "intake": intake.handlers.HANDLERS,
    "dispatch": dispatch.handlers.HANDLERS,
    "notify": notify.handlers.HANDLERS,
}
# What concerns nobody is told by its header, and its body is not even read.
PASSED_OVER = [("notify", event) for event in notify.handlers.HANDLERS if event not in RULES]
EVERY_HANDLER = [
    (service, event)
    for service, handlers in HANDLERS.items()
    for event in handlers
    if (service, event) not in PASSED_OVER
]
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


@dataclass(frozen=True, slots=True)
class Reader:
    """A service that reads one topic, and everything that its database holds."""

    app: FastAPI
    url: str
    handle: Handle

    async def everything(self) -> dict[str, list[str]]:
        """All rows of all tables, as text."""
        tables = [row["tablename"] for row in await fetch(self.url, TABLES)]
        return {
            table: sorted(row["line"] for row in await fetch(self.url, f"SELECT t::text AS line FROM {table} t"))
            for table in tables
        }

    async def reasons(self) -> list[str]:
        """Why records were parked."""
        rows = await fetch(self.url, "SELECT headers FROM outbox WHERE topic = 'grid.dead-letters' ORDER BY id")
        return [(dict(unpack_headers(row["headers"]))["dl_reason"] or b"").decode() for row in rows]

    def count(self, topic: str, result: str) -> float | None:
        labels = {"topic": topic, "result": result}
        value: float | None = self.app.state.service.metrics.registry.get_sample_value("consumer_records_total", labels)
        return value


@asynccontextmanager
async def a_reader(service: str, event_class: type[Event], url: str) -> AsyncIterator[Reader]:
    app, handles = an_instance(service, url)
    yield Reader(app, url, handles[TOPIC_OF[event_class].name])
    await app.state.service.database.close()


def a_good_record(event_class: type[Event], offset: int = 0) -> ConsumerRecord[bytes, bytes]:
    return a_record(BUILDERS[event_class](), event_id=new_id(), offset=offset)


def with_content(record: ConsumerRecord[bytes, bytes], **changes: Any) -> ConsumerRecord[bytes, bytes]:
    return replace(record, value=json.dumps({**json.loads(record.value or b""), **changes}).encode())


def each(pairs: list[tuple[str, type[Event]]]) -> pytest.MarkDecorator:
    names = [f"{service}-{event.__name__}" for service, event in pairs]
    return pytest.mark.parametrize(("service", "event_class"), pairs, ids=names)


def test_every_service_has_handlers() -> None:
    assert {service for service, _ in EVERY_HANDLER} == set(HANDLERS)


@each(EVERY_HANDLER)
async def test_the_same_event_twice_has_one_effect(
    new_database: Callable[[str], str], service: str, event_class: type[Event]
) -> None:
    async with a_reader(service, event_class, new_database(service)) as reader:
        record = a_good_record(event_class)
        before = await reader.everything()
        await reader.handle([record])
        after = await reader.everything()

        await reader.handle([record])
        await reader.handle([replace(record, offset=7), record])

        assert before != after
        assert await reader.everything() == after
        assert (reader.count(record.topic, "handled"), reader.count(record.topic, "repeated")) == (1, 3)


@each(EVERY_HANDLER)
async def test_a_malformed_body_is_parked_and_changes_nothing(
    new_database: Callable[[str], str], service: str, event_class: type[Event]
) -> None:
    async with a_reader(service, event_class, new_database(service)) as reader:
        good, other = a_good_record(event_class, 1), a_good_record(event_class, 3)
        malformed = replace(a_good_record(event_class, 2), value=b'{"half": ')

        await reader.handle([good, malformed, other])

        assert await reader.reasons() == ["malformed_value"]
        assert (reader.count(good.topic, "handled"), reader.count(good.topic, "parked")) == (2, 1)


@each(EVERY_HANDLER)
async def test_a_field_that_a_later_producer_adds_changes_nothing(
    new_database: Callable[[str], str], service: str, event_class: type[Event]
) -> None:
    async with a_reader(service, event_class, new_database(service)) as reader:
        record = with_content(a_good_record(event_class), added_later={"deep": ["点亮"]})

        await reader.handle([record])

        assert await reader.reasons() == []
        assert reader.count(record.topic, "handled") == 1
        assert not any("added_later" in line for lines in (await reader.everything()).values() for line in lines)


@each(PASSED_OVER)
async def test_an_event_that_concerns_nobody_is_passed_over_whatever_is_in_it(
    new_database: Callable[[str], str], service: str, event_class: type[Event]
) -> None:
    async with a_reader(service, event_class, new_database(service)) as reader:
        before = await reader.everything()

        await reader.handle([a_good_record(event_class), replace(a_good_record(event_class), value=b'{"half": ')])

        assert await reader.everything() == before
