"""What does dispatch do when intake tells of a report?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from dispatch.cases import Step, join_case, open_case
from dispatch.routing import NoRoute, RoutingTable
from dispatch.store import CaseBook
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_events.event import Event
from lamplight_events.messages import Message
from lamplight_events.reports import ReportReceived

Refusals = Sequence[tuple[Message, Rejected]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a handler works with: the cases of this transaction, and what every decision needs."""

    book: CaseBook
    routing: RoutingTable
    now: Clock
    new_id: NewId


Handler = Callable[[Message, Desk], None]


def on_report_received(message: Message, desk: Desk) -> None:
    """Open the report's case, or let it join the one that is open."""
    report = message.event
    assert isinstance(report, ReportReceived)
    desk.book.note_steps(_steps(report, desk), cause=message.envelope.follow())


HANDLERS: Mapping[type[Event], Handler] = {ReportReceived: on_report_received}


def report_handler(
    routing: RoutingTable, open_book: Callable[[UnitOfWork], CaseBook], *, now: Clock, new_id: NewId
) -> Callable[[UnitOfWork, Sequence[Message]], Awaitable[Refusals]]:
    """What the consumer of `grid.reports` calls with each batch, inside its transaction."""

    async def handle(work: UnitOfWork, messages: Sequence[Message]) -> Refusals:
        desk = Desk(open_book(work), routing, now, new_id)
        await desk.book.load(message.event.key for message in messages)
        refused = [refusal for message in messages if (refusal := _handle(message, desk))]
        await desk.book.save()
        return refused

    return handle


def _handle(message: Message, desk: Desk) -> tuple[Message, Rejected] | None:
    try:
        HANDLERS[type(message.event)](message, desk)
    except Rejected as error:
        return message, error
    return None


def _steps(report: ReportReceived, desk: Desk) -> Sequence[Step]:
    known = desk.book.get(report.case_id)
    if known is not None:
        return [join_case(known, report)]
    try:
        return open_case(report, routing=desk.routing, assignment_id=desk.new_id(), at=desk.now())
    except NoRoute as error:
        raise Rejected("no_route", str(error)) from error
