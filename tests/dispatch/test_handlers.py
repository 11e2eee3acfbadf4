"""Does a report open a case once, join the one that is there, and find no way around a refusal?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from prometheus_client import CollectorRegistry

from dispatch.handlers import report_handler
from dispatch.metrics import DispatchMetrics
from dispatch.store import CaseBook, find_case, history_of
from lamplight_chassis.clock import new_id, utc_now
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_events.messages import Message
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import CaseState, Outcome, Source
from tests.builders import UNIT, a_message, a_report_received
from tests.dispatch.builders import ROUTING, steps_to, store_case
from tests.services import a_database


@pytest.fixture
async def database(new_database: Callable[[str], str]) -> AsyncIterator[Database]:
    async with a_database(new_database("dispatch")) as database:
        yield database


async def handle(database: Database, *reports: ReportReceived) -> Sequence[tuple[Message, Rejected]]:
    """Give reports their effect in one transaction, as the consumer does."""
    metrics = DispatchMetrics(CollectorRegistry())

    def open_book(work: UnitOfWork) -> CaseBook:
        return CaseBook(work, new_id=new_id, metrics=metrics)

    async with database.transaction() as work:
        handler = report_handler(ROUTING, open_book, now=utc_now, new_id=new_id)
        return await handler(work, [a_message(report) for report in reports])


async def test_a_report_opens_its_case_and_gives_it_to_a_unit(database: Database) -> None:
    report = a_report_received()

    refused = await handle(database, report)

    case = await find_case(database, report.case_id)
    assert refused == []
    assert case is not None
    assert (case["state"], case["unit_id"], case["sequence"]) == (CaseState.DISPATCHED, UNIT, 3)
    history = await history_of(database, report.case_id)
    assert [entry["operation"] for entry in history] == ["report", "file", "dispatch"]


async def test_the_events_of_a_report_are_told_in_their_order_under_its_case(database: Database) -> None:
    report = a_report_received()

    await handle(database, report)

    rows = await database.fetch("SELECT topic, key, headers FROM outbox ORDER BY id")
    assert {(row["topic"], row["key"]) for row in rows} == {("grid.cases", str(report.case_id).encode())}
    types = [row["headers"].split('"ce_type","')[1].split('"')[0] for row in rows]
    assert types == ["grid.case.reported.v1", "grid.case.filed.v1", "grid.case.dispatched.v1"]


async def test_an_event_names_the_report_as_its_cause_and_keeps_the_correlation(database: Database) -> None:
    await handle(database, a_report_received())

    rows = await database.fetch("SELECT headers FROM outbox")
    assert all('"ce_correlationid","a-correlation-id"' in row["headers"] for row in rows)
    assert all('"ce_causationid"' in row["headers"] for row in rows)


async def test_a_second_report_joins_the_case_in_a_later_batch(database: Database) -> None:
    first = a_report_received()
    await handle(database, first)

    second = a_report_received(case_id=first.case_id)
    await handle(database, second)

    case = await find_case(database, first.case_id)
    assert case is not None
    assert case["report_ids"] == [first.report_id, second.report_id]
    assert (case["state"], case["sequence"]) == (CaseState.DISPATCHED, 4)


async def test_reports_of_one_case_in_one_batch_open_it_once(database: Database) -> None:
    first = a_report_received(source=Source.PATROL, outcome=Outcome.PERSUADED)
    second, third = (a_report_received(case_id=first.case_id) for _ in range(2))

    await handle(database, first, second, third)

    case = await find_case(database, first.case_id)
    assert case is not None
    assert (case["state"], case["sequence"]) == (CaseState.SELF_HANDLED, 4)
    assert case["report_ids"] == [first.report_id, second.report_id, third.report_id]


async def test_a_report_of_a_closed_case_is_refused_and_its_neighbours_are_not(database: Database) -> None:
    closed = await store_case(database, steps_to(CaseState.CLOSED))
    late, other = a_report_received(case_id=closed), a_report_received()

    refused = await handle(database, late, other)

    case = await find_case(database, closed)
    assert case is not None
    assert [(message.event, error.reason) for message, error in refused] == [(late, "wrong_state")]
    assert (case["state"], late.report_id in case["report_ids"]) == (CaseState.CLOSED, False)
    assert await find_case(database, other.case_id) is not None


@pytest.mark.parametrize("wrong", [{"category": "no_such_category"}, {"zone": "999999999"}])
async def test_a_report_that_no_rule_can_place_is_refused_and_its_neighbours_are_not(
    database: Database, wrong: dict[str, str]
) -> None:
    good, bad, other = a_report_received(), a_report_received(**wrong), a_report_received()

    refused = await handle(database, good, bad, other)

    [(message, error)] = refused
    assert (message.event, error.reason) == (bad, "no_route")
    assert next(iter(wrong.values())) in error.detail
    assert await find_case(database, bad.case_id) is None
    assert await find_case(database, good.case_id) is not None
    assert await find_case(database, other.case_id) is not None
