"""What does dispatch do when intake tells of a report?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from dispatch.cases import Step, join_case, open_case
from dispatch.routing import NoRoute, RoutingTable
from dispatch.store import CaseBook
from lamplight_chassis.clock import Clock
from lamplight_chassis.database import UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_events.event import Event
from lamplight_events.messages import Message
from lamplight_events.reports import ReportReceived

Handler = Callable[[Message, CaseBook, RoutingTable, Clock], None]
Refusals = Sequence[tuple[Message, Rejected]]


def on_report_received(message: Message, book: CaseBook, routing: RoutingTable, now: Clock) -> None:
    """Open the report's case, or let it join the one that is open."""
    report = message.event
    assert isinstance(report, ReportReceived)
    book.make(_steps(report, book, routing, now), cause=message.envelope.follow())


HANDLERS: Mapping[type[Event], Handler] = {ReportReceived: on_report_received}


def report_handler(
    routing: RoutingTable, open_book: Callable[[UnitOfWork], CaseBook], *, now: Clock
) -> Callable[[UnitOfWork, Sequence[Message]], Awaitable[Refusals]]:
    """What the consumer of `grid.reports` calls with each batch, inside its transaction."""

    async def handle(work: UnitOfWork, messages: Sequence[Message]) -> Refusals:
        book = open_book(work)
        await book.load(message.event.key for message in messages)
        refused = [refusal for message in messages if (refusal := _handle(message, book, routing, now))]
        await book.save()
        return refused

    return handle


def _handle(message: Message, book: CaseBook, routing: RoutingTable, now: Clock) -> tuple[Message, Rejected] | None:
    try:
        HANDLERS[type(message.event)](message, book, routing, now)
    except Rejected as error:
        return message, error
    return None


def _steps(report: ReportReceived, book: CaseBook, routing: RoutingTable, now: Clock) -> Sequence[Step]:
    known = book.get(report.case_id)
    if known is not None:
        return [join_case(known, report)]
    try:
        return open_case(report, routing=routing, assignment_id=book.new_id(), at=now())
    except NoRoute as error:
        raise Rejected("no_route", str(error)) from error
