"""Does each move change a case as it must, and tell of it in an event that stands for itself?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from dispatch.cases import Case, Step, accept_case, close_case, join_case, open_case, resolve_case
from dispatch.lifecycle import TRANSITIONS, Move
from lamplight_chassis.clock import new_id
from lamplight_chassis.errors import Rejected
from lamplight_events.cases import (
    MAX_REPORTS_OF_CASE,
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseReported,
    CaseReportJoined,
    CaseResolved,
    CaseSelfHandled,
)
from lamplight_events.messages import MAX_VALUE_BYTES
from lamplight_events.vocabulary import CaseState, Outcome, Source
from tests.builders import CATEGORY, NOW, UNIT, ZONE, a_report_received, an_outgoing
from tests.dispatch.builders import ROUTING, steps_to

LATER = NOW + timedelta(minutes=7)
ORDERS: dict[Move, Callable[[Case], Step]] = {
    Move.ACCEPT: lambda case: accept_case(case, actor="squadron", at=LATER),
    Move.RESOLVE: lambda case: resolve_case(case, actor="squadron", at=LATER, opinion="done"),
    Move.CLOSE: lambda case: close_case(case, actor="check", at=LATER, closing_condition="cleared", opinion="good"),
}


def opened(**changes: Any) -> list[Step]:
    report = a_report_received(**changes)
    return list(open_case(report, routing=ROUTING, assignment_id=new_id(), at=report.received_at))


def a_case(state: CaseState) -> Case:
    if state is CaseState.SELF_HANDLED:
        return opened(source=Source.PATROL, outcome=Outcome.PERSUADED)[-1].case
    return steps_to(state)[-1].case


@pytest.mark.parametrize("outcome", [Outcome.PERSUADED, Outcome.EDUCATED])
def test_a_sighting_that_was_settled_on_the_spot_is_handled_and_goes_to_nobody(outcome: Outcome) -> None:
    steps = opened(source=Source.PATROL, outcome=outcome, reporter_ref="team-7")

    assert [type(step.event) for step in steps] == [CaseReported, CaseSelfHandled]
    case = steps[-1].case
    assert (case.state, case.unit_id, case.assignment_id) == (CaseState.SELF_HANDLED, None, None)
    assert isinstance(steps[-1].event, CaseSelfHandled)
    assert (steps[-1].event.outcome, steps[-1].event.actor) == (outcome, "team-7")


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.GONE, None])
def test_a_sighting_that_was_not_settled_is_filed_and_goes_to_the_squadron(outcome: Outcome | None) -> None:
    steps = opened(source=Source.PATROL, outcome=outcome)

    assert [type(step.event) for step in steps] == [CaseReported, CaseFiled, CaseDispatched]
    event = steps[-1].event
    assert isinstance(event, CaseDispatched)
    assert (event.unit_id, event.assignment_id) == (UNIT, steps[-1].case.assignment_id)
    assert event.rule_id == "mobile_vendor"


def test_a_settled_sighting_without_a_team_is_told_by_its_channel() -> None:
    steps = opened(source=Source.PATROL, outcome=Outcome.EDUCATED)

    assert steps[-1].event.actor == "patrol"


def test_the_first_report_is_the_beginning_of_the_case() -> None:
    report = a_report_received(summary="a stall")

    case = open_case(report, routing=ROUTING, assignment_id=new_id(), at=report.received_at)[0].case

    assert (case.id, case.state, case.sequence) == (report.case_id, CaseState.REPORTED, 1)
    assert (case.category, case.zone, case.summary) == (CATEGORY, ZONE, "a stall")
    assert (case.reported_at, case.changed_at, case.report_ids) == (NOW, NOW, (report.report_id,))


def test_one_more_report_joins_and_leaves_the_case_where_it_stands() -> None:
    case = a_case(CaseState.HANDLING)
    report = a_report_received(case_id=case.id, received_at=LATER, source=Source.SENSOR)

    step = join_case(case, report)

    assert (step.case.state, step.case.sequence) == (CaseState.HANDLING, case.sequence + 1)
    assert step.case.report_ids == (*case.report_ids, report.report_id)
    assert isinstance(step.event, CaseReportJoined)
    assert (step.event.report_id, step.event.source, step.event.state) == (
        report.report_id,
        Source.SENSOR,
        CaseState.HANDLING,
    )
    assert step.state_before is CaseState.HANDLING


def test_a_report_of_a_closed_case_joins_nothing() -> None:
    case = a_case(CaseState.CLOSED)

    with pytest.raises(Rejected, match="cannot join a case that is closed") as refusal:
        join_case(case, a_report_received(case_id=case.id))

    assert refusal.value.reason == "wrong_state"


def test_a_case_takes_as_many_reports_as_the_event_of_its_end_can_name() -> None:
    case = a_case(CaseState.CHECKING)
    nearly_full = replace(case, report_ids=tuple(new_id() for _ in range(MAX_REPORTS_OF_CASE - 1)))
    full = join_case(nearly_full, a_report_received(case_id=case.id)).case

    with pytest.raises(Rejected, match=f"has {MAX_REPORTS_OF_CASE} reports") as refusal:
        join_case(full, a_report_received(case_id=case.id))

    assert refusal.value.reason == "case_full"
    closed = ORDERS[Move.CLOSE](full).event
    assert isinstance(closed, CaseClosed)
    assert closed.report_ids == full.report_ids
    assert len(an_outgoing(closed).value) < MAX_VALUE_BYTES / 4


def test_the_life_of_a_case_is_counted_without_a_gap() -> None:
    steps = steps_to(CaseState.CLOSED)

    assert [step.event.sequence for step in steps] == [1, 2, 3, 4, 5, 6]
    assert [step.event.state for step in steps] == [step.case.state for step in steps]
    assert [step.state_before for step in steps[1:]] == [step.case.state for step in steps[:-1]]


@pytest.mark.parametrize(
    ("move", "before", "after", "event"),
    [
        (Move.ACCEPT, CaseState.DISPATCHED, CaseState.HANDLING, CaseAccepted),
        (Move.RESOLVE, CaseState.HANDLING, CaseState.CHECKING, CaseResolved),
        (Move.CLOSE, CaseState.CHECKING, CaseState.CLOSED, CaseClosed),
        (Move.CLOSE, CaseState.SELF_HANDLED, CaseState.CLOSED, CaseClosed),
    ],
)
def test_an_order_moves_the_case_and_is_told(move: Move, before: CaseState, after: CaseState, event: type) -> None:
    case = a_case(before)

    step = ORDERS[move](case)

    assert (step.case.state, step.case.changed_at) == (after, LATER)
    assert type(step.event) is event
    assert (step.event.case_id, step.event.occurred_at, step.operation) == (case.id, LATER, move)
    assert (case.state, step.case.unit_id) == (before, case.unit_id)


@pytest.mark.parametrize(
    ("move", "state"), [pair for pair in product(ORDERS, CaseState) if pair[1] not in TRANSITIONS[pair[0]].sources]
)
def test_an_order_that_the_state_does_not_allow_is_refused(move: Move, state: CaseState) -> None:
    with pytest.raises(Rejected, match=f"cannot {move} a case that is {state}"):
        ORDERS[move](a_case(state))


def test_a_closed_case_tells_everybody_who_reported_it() -> None:
    case = a_case(CaseState.CHECKING)
    joined = join_case(case, a_report_received(case_id=case.id)).case

    step = ORDERS[Move.CLOSE](joined)

    assert isinstance(step.event, CaseClosed)
    assert step.event.report_ids == joined.report_ids
    assert len(step.event.report_ids) == 2


def test_the_history_keeps_what_a_move_carried_and_the_event_no_opinion() -> None:
    resolved = ORDERS[Move.RESOLVE](a_case(CaseState.HANDLING))
    closed = ORDERS[Move.CLOSE](resolved.case)
    dispatched = steps_to(CaseState.DISPATCHED)[-1]

    assert resolved.details == {"opinion": "done"}
    assert closed.details == {"closing_condition": "cleared", "opinion": "good"}
    assert dispatched.details["unit_id"] == UNIT
    assert dispatched.details["rule_id"] == "mobile_vendor"
    assert "squadron" in dispatched.details["reason"]
    assert "opinion" not in resolved.event.model_dump()


@pytest.mark.parametrize("state", [CaseState.CLOSED, CaseState.SELF_HANDLED])
def test_every_move_brings_along_what_the_table_asks_for(state: CaseState) -> None:
    steps = steps_to(state) if state is CaseState.CLOSED else opened(source=Source.PATROL, outcome=Outcome.PERSUADED)

    for step in steps:
        assert set(TRANSITIONS[Move(step.operation)].carries) <= set(step.details), step.operation
