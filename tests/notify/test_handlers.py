"""Does a case event turn into alerts and deliveries in its own transaction, and into nothing before its commit?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_events.cases import CaseClosed, CaseDispatched, CaseFiled, CaseResolved
from lamplight_events.messages import Message
from lamplight_events.topics import CASES
from notify.alerts import Alert, alerts_from
from notify.handlers import HANDLERS, case_handler
from tests.builders import CATEGORY, CORRELATION, NOW, UNIT, ZONE, a_case_event, a_message, a_report_received


async def hear(database: Database, *messages: Message) -> list[Alert]:
    """Give events their effect in one transaction, as the consumer does; answers what was made known after it."""
    known: list[Alert] = []
    handle = case_handler(now=lambda: NOW, new_id=new_id, on_alerts=known.extend)
    async with database.transaction() as work:
        assert await handle(work, messages) == ()
        assert known == []
    return known


async def stored(database: Database, table: str) -> Sequence[Any]:
    return await database.fetch(f"SELECT * FROM {table}")


def test_every_event_of_a_case_has_a_handler() -> None:
    assert set(HANDLERS) == set(CASES.events)


async def test_an_alert_carries_its_event_its_case_and_its_correlation(database: Database) -> None:
    message = a_message(event := a_case_event(CaseDispatched))

    [known] = await hear(database, message)

    [row] = await stored(database, "alerts")
    assert (row["id"], row["event_id"], row["case_id"]) == (known.id, message.id, event.case_id)
    assert (row["recipient"], row["kind"]) == (f"unit:{UNIT}", "case_assigned")
    assert (row["category"], row["zone"]) == (CATEGORY, ZONE)
    assert (row["correlation_id"], row["created_at"]) == (CORRELATION, NOW)


async def test_each_alert_has_one_delivery_to_each_destination_due_at_once(database: Database) -> None:
    [alert] = await hear(database, a_message(a_case_event(CaseResolved)))

    [row] = await stored(database, "deliveries")
    assert (row["alert_id"], row["state"], row["tries"], row["due_at"]) == (alert.id, "pending", 0, NOW)


async def test_a_batch_makes_its_alerts_in_the_order_of_its_events(database: Database) -> None:
    reports = (UUID(int=1), UUID(int=2))
    events = [
        a_case_event(CaseDispatched),
        a_case_event(CaseFiled),
        a_case_event(CaseResolved),
        a_case_event(CaseClosed, report_ids=reports),
    ]

    await hear(database, *map(a_message, events))

    rows = await database.fetch("SELECT kind, case_id FROM alerts ORDER BY position")
    assert [row["kind"] for row in rows] == ["case_assigned", "work_to_check", "case_closed", "case_closed"]
    assert [row["case_id"] for row in rows] == [events[place].case_id for place in (0, 2, 3, 3)]


async def test_an_event_that_concerns_nobody_makes_nothing(database: Database) -> None:
    assert await hear(database, a_message(a_case_event(CaseFiled))) == []

    assert await stored(database, "alerts") == []


async def test_a_batch_that_fails_makes_nothing_known_and_nothing_stored(database: Database) -> None:
    known: list[Alert] = []
    handle = case_handler(now=lambda: NOW, new_id=new_id, on_alerts=known.extend)

    async def fail_later() -> None:
        async with database.transaction() as work:
            await handle(work, [a_message(a_case_event(CaseResolved))])
            raise RuntimeError("something fails later")

    with pytest.raises(RuntimeError, match="later"):
        await fail_later()

    assert known == []
    assert (await stored(database, "alerts"), await stored(database, "deliveries")) == ([], [])


def test_what_is_no_event_of_a_case_alerts_nobody() -> None:
    assert alerts_from(a_message(a_report_received()), new_id=new_id, now=NOW) == ()
