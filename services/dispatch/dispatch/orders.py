"""What can people order to be done with a case, and how do many such orders share one transaction?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from dispatch.cases import Case, Step, accept_case, close_case, resolve_case
from dispatch.store import CaseBook
from lamplight_chassis.answers import to_json
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Form, Text, Word
from lamplight_chassis.idempotency import Answer, IdempotencyKey, Outcome, perform_once
from lamplight_events.envelope import Cause

Actor = Annotated[Word, Field(description="Who does it: a unit or role, never a name.")]
Opinion = Annotated[Text, Field(max_length=2000)]


class AcceptForm(Form):
    """The assignee takes the case on."""

    actor: Actor


class ResolveForm(Form):
    """The assignee reports the work done."""

    actor: Actor
    opinion: Annotated[Opinion, Field(min_length=1, description="What was done.")]


class CloseForm(Form):
    """The check passed."""

    actor: Actor
    closing_condition: Annotated[Word, Field(examples=["cleared"])]
    opinion: Opinion = ""


FORMS = (AcceptForm, ResolveForm, CloseForm)


def accept_by(form: AcceptForm, case: Case, at: datetime) -> Step:
    """The move that an accept form orders."""
    return accept_case(case, actor=form.actor, at=at)


def resolve_by(form: ResolveForm, case: Case, at: datetime) -> Step:
    """The move that a resolve form orders."""
    return resolve_case(case, actor=form.actor, at=at, opinion=form.opinion)


def close_by(form: CloseForm, case: Case, at: datetime) -> Step:
    """The move that a close form orders."""
    return close_case(case, actor=form.actor, at=at, closing_condition=form.closing_condition, opinion=form.opinion)


@dataclass(frozen=True, slots=True)
class Order:
    """One person's wish for one case; `move` turns the case as it stands into a step, or refuses."""

    case_id: UUID
    move: Callable[[Case], Step]
    cause: Cause
    idempotency: IdempotencyKey | None


async def carry_out(
    database: Database, open_book: Callable[[UnitOfWork], CaseBook], orders: Sequence[Order]
) -> Sequence[Outcome]:
    """Carry out orders in one transaction, each on the case as the orders before it left it."""
    async with database.transaction() as work:
        book = open_book(work)

        async def perform(new: Sequence[Order]) -> Sequence[Outcome]:
            await book.load(order.case_id for order in new)
            outcomes = [_carry_out(order, book) for order in new]
            await book.save()
            return outcomes

        return await perform_once(work.connection, orders, perform)


def _carry_out(order: Order, book: CaseBook) -> Outcome:
    case = book.get(order.case_id)
    if case is None:
        return Rejected("not_found", f"there is no case {order.case_id}")
    try:
        return Answer(200, summary_of(book.note_steps([order.move(case)], cause=order.cause)))
    except Rejected as error:
        return error


def summary_of(case: Case) -> bytes:
    """The answer to an order: where the case stands now."""
    fields = ("state", "sequence", "category", "zone", "unit_id", "assignment_id", "changed_at")
    return to_json({"case_id": case.id, **{name: getattr(case, name) for name in fields}})
