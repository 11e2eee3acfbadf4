"""Does somebody who reported see where the case stands, in whatever order and however often intake is told?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from intake.handlers import HANDLERS, handle_cases
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_events.cases import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseEvent,
    CaseFiled,
    CaseReported,
    CaseResolved,
)
from lamplight_events.topics import CASES
from tests.asgi import Api
from tests.builders import NOW, UNIT, a_case_event, a_message, a_report_body, a_report_received

LIFE: tuple[type[CaseEvent], ...] = (CaseReported, CaseFiled, CaseDispatched, CaseAccepted, CaseResolved, CaseClosed)


def a_life(case_id: UUID) -> list[CaseEvent]:
    """A case's events in their order, one second apart."""
    return [
        a_case_event(event_class, case_id=case_id, sequence=number, occurred_at=NOW + timedelta(seconds=number))
        for number, event_class in enumerate(LIFE, start=1)
    ]


async def hear(database: Database, *events: CaseEvent) -> None:
    """Give events their effect in one transaction, as the consumer does."""
    async with database.transaction() as work:
        assert await handle_cases(work, [a_message(event) for event in events]) == ()


async def board(database: Database, case_id: UUID) -> tuple[Any, ...]:
    [row] = await database.fetch("SELECT * FROM case_status WHERE case_id = $1", case_id)
    return (row["state"], row["sequence"], row["unit_id"], row["changed_at"])


def test_every_event_of_a_case_has_a_handler() -> None:
    assert set(HANDLERS) == set(CASES.events)


async def test_a_report_is_received_until_its_case_is_heard_of(api: Api) -> None:
    accepted = (await api.post("/v1/reports", a_report_body())).json()

    shown = (await api.get(accepted["links"]["self"])).json()

    assert {name: shown[name] for name in ("report_id", "case_id", "zone", "status")} == {
        name: accepted[name] for name in ("report_id", "case_id", "zone", "status")
    }
    assert (shown["unit_id"], shown["outcome"]) == (None, None)
    assert shown["observed_at"] == shown["received_at"] == shown["status_changed_at"] == NOW.isoformat()


async def test_a_report_shows_where_its_case_stands_who_has_it_and_since_when(database: Database, api: Api) -> None:
    accepted = (await api.post("/v1/reports", a_report_body())).json()

    await hear(database, *a_life(UUID(accepted["case_id"]))[:4])

    shown = (await api.get(accepted["links"]["self"])).json()
    assert (shown["status"], shown["unit_id"]) == ("handling", UNIT)
    assert shown["status_changed_at"] == (NOW + timedelta(seconds=4)).isoformat()


async def test_a_report_shows_neither_its_text_nor_who_sent_it(api: Api) -> None:
    body = a_report_body(description="Mr Wang", reporter_ref="team_wang")
    accepted = (await api.post("/v1/reports", body)).json()

    shown = await api.get(accepted["links"]["self"])

    assert shown.status == 200
    assert b"wang" not in shown.body.lower()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_the_newest_event_of_one_batch_wins_whatever_their_order(
    database: Database, order: Sequence[int]
) -> None:
    case_id = new_id()
    events = a_life(case_id)[3:]

    await hear(database, *(events[place] for place in order))

    assert await board(database, case_id) == ("closed", 6, UNIT, NOW + timedelta(seconds=6))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_the_newest_event_of_many_batches_wins_whatever_their_order(
    database: Database, order: Sequence[int]
) -> None:
    case_id = new_id()
    events = a_life(case_id)[2:5]

    for place in order:
        await hear(database, events[place])

    assert await board(database, case_id) == ("checking", 5, UNIT, NOW + timedelta(seconds=5))


@pytest.mark.parametrize("is_turned", [False, True])
async def test_the_unit_is_that_of_the_newest_event_that_names_one(database: Database, is_turned: bool) -> None:
    case_id = new_id()
    events = [
        a_case_event(CaseDispatched, case_id=case_id, sequence=3, unit_id="the_first"),
        a_case_event(CaseDispatched, case_id=case_id, sequence=4, unit_id="the_second"),
    ]

    await hear(database, *(reversed(events) if is_turned else events))

    assert (await board(database, case_id))[:3] == ("dispatched", 4, "the_second")


async def test_an_event_that_names_no_unit_leaves_the_known_one(database: Database) -> None:
    case_id = new_id()
    *earlier, closed = a_life(case_id)
    await hear(database, *earlier)

    await hear(database, closed)

    assert (await board(database, case_id))[:3] == ("closed", 6, UNIT)


async def test_events_that_come_twice_change_nothing(database: Database) -> None:
    case_id = new_id()
    life = a_life(case_id)
    await hear(database, *life)
    before = await board(database, case_id)

    await hear(database, *life, *life)
    await hear(database, life[0])

    assert await board(database, case_id) == before


async def test_each_case_of_a_batch_has_its_own_state(database: Database) -> None:
    cases = [new_id() for _ in range(6)]

    await hear(database, *(event for number, case_id in enumerate(cases, 1) for event in a_life(case_id)[:number]))

    assert [(await board(database, case_id))[1] for case_id in cases] == [1, 2, 3, 4, 5, 6]


async def test_what_is_no_event_of_a_case_is_passed_over(database: Database) -> None:
    async with database.transaction() as work:
        await handle_cases(work, [a_message(a_report_received())])

    assert await database.fetch("SELECT * FROM case_status") == []
