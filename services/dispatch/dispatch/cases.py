"""What is a case, and how does each move change it and tell of it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.lifecycle import TRANSITIONS, Move, target_of
from dispatch.routing import Decision, RoutingTable
from lamplight_chassis.errors import Rejected
from lamplight_events.cases import (
    MAX_REPORTS_OF_CASE,
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseEvent,
    CaseFiled,
    CaseReported,
    CaseReportJoined,
    CaseResolved,
    CaseSelfHandled,
)
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import SETTLED_OUTCOMES, CaseState, Source

RULE_ACTOR = "rule"
NOTHING: Mapping[str, str] = {}
FILED_BY_RULE = "rule:every-valid-report"


@dataclass(frozen=True, slots=True)
class Case:
    """The matter to solve; `sequence` counts its events, `assignment_id` and `unit_id` name who has it now."""

    id: UUID
    state: CaseState
    sequence: int
    category: str
    zone: str
    source: Source
    longitude_deg: float
    latitude_deg: float
    summary: str
    reported_at: datetime
    changed_at: datetime
    report_ids: tuple[UUID, ...]
    unit_id: str | None = None
    assignment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One move that was made: the case after it, and what the history and the world are told.

    Arguments:
        details: the field names and plain values that the move carried.
    """

    case: Case
    event: CaseEvent
    operation: str
    state_before: CaseState | None
    details: Mapping[str, Any]


def open_case(report: ReportReceived, *, routing: RoutingTable, assignment_id: UUID, at: datetime) -> Sequence[Step]:
    """Open the case of a first report: a sighting settled on the spot is done, anything else goes to a unit.

    Raises:
        NoRoute: the rules do not know the category or the street.
    """
    opened = _report(report)
    if report.outcome in SETTLED_OUTCOMES:
        return opened, _settle(opened.case, report)
    filed = _move(opened.case, Move.FILE, CaseFiled, at=at, actor=RULE_ACTOR, filing_condition=FILED_BY_RULE)
    decision = routing.route(category=report.category, zone=report.zone, source=report.source)
    return opened, filed, _dispatch(filed.case, decision, at=at, assignment_id=assignment_id)


def join_case(case: Case, report: ReportReceived) -> Step:
    """One more report of a matter that is open: its reporter follows from now on, the state stays.

    Raises:
        Rejected: the case is closed, or has as many reports as the event of its end can name.
    """
    joined = _move(
        replace(case, report_ids=(*case.report_ids, report.report_id)),
        Move.JOIN,
        CaseReportJoined,
        at=report.received_at,
        actor=report.source,
        report_id=report.report_id,
        source=report.source,
    )
    if len(joined.case.report_ids) > MAX_REPORTS_OF_CASE:
        raise Rejected("case_full", f"case {case.id} has {MAX_REPORTS_OF_CASE} reports, and no case may have more")
    return joined


def accept_case(case: Case, *, actor: str, at: datetime) -> Step:
    """The assignee takes the case on."""
    return _move(case, Move.ACCEPT, CaseAccepted, at=at, actor=actor, **_assignment(case))


def resolve_case(case: Case, *, actor: str, at: datetime, opinion: str) -> Step:
    """The assignee reports the work done; what was done stays in the history, not in the event."""
    noted = {"opinion": opinion}
    return _move(case, Move.RESOLVE, CaseResolved, at=at, actor=actor, noted=noted, **_assignment(case))


def close_case(case: Case, *, actor: str, at: datetime, closing_condition: str, opinion: str) -> Step:
    """The check, or the audit of a settled sighting, passed."""
    return _move(
        case,
        Move.CLOSE,
        CaseClosed,
        at=at,
        actor=actor,
        noted={"opinion": opinion},
        closing_condition=closing_condition,
        report_ids=case.report_ids,
    )


def _report(report: ReportReceived) -> Step:
    case = Case(
        id=report.case_id,
        state=target_of(Move.REPORT, None),
        sequence=1,
        category=report.category,
        zone=report.zone,
        source=report.source,
        longitude_deg=report.longitude_deg,
        latitude_deg=report.latitude_deg,
        summary=report.summary,
        reported_at=report.received_at,
        changed_at=report.received_at,
        report_ids=(report.report_id,),
    )
    event = CaseReported(
        **_head(case, at=report.received_at, actor=report.source),
        report_id=report.report_id,
        source=report.source,
        longitude_deg=report.longitude_deg,
        latitude_deg=report.latitude_deg,
        summary=report.summary,
    )
    return Step(case, event, Move.REPORT, None, {"report_id": str(report.report_id)})


def _settle(case: Case, report: ReportReceived) -> Step:
    actor = report.reporter_ref or report.source
    return _move(case, Move.SETTLE, CaseSelfHandled, at=report.received_at, actor=actor, outcome=report.outcome)


def _dispatch(case: Case, decision: Decision, *, at: datetime, assignment_id: UUID) -> Step:
    assigned = replace(case, unit_id=decision.unit_id, assignment_id=assignment_id)
    return _move(
        assigned,
        Move.DISPATCH,
        CaseDispatched,
        at=at,
        actor=RULE_ACTOR,
        noted={"reason": decision.reason},
        **_assignment(assigned),
        rule_id=decision.rule_id,
        summary=case.summary,
    )


def _move(
    case: Case,
    move: Move,
    event_class: type[CaseEvent],
    *,
    at: datetime,
    actor: str,
    noted: Mapping[str, str] = NOTHING,
    **told: Any,
) -> Step:
    """Make a move; `told` goes into the event, `noted` only into the history."""
    carried = {**told, **noted}
    missing = [name for name in TRANSITIONS[move].carries if not carried.get(name)]
    if missing:
        raise Rejected("incomplete_move", f"to {move} a case takes {', '.join(missing)}")
    moved = replace(case, state=target_of(move, case.state), sequence=case.sequence + 1, changed_at=at)
    event = event_class(**_head(moved, at=at, actor=actor), **told)
    details = {name: str(carried[name]) for name in (*TRANSITIONS[move].carries, *noted)}
    return Step(moved, event, move, case.state, details)


def _head(case: Case, *, at: datetime, actor: str) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "sequence": case.sequence,
        "state": case.state,
        "category": case.category,
        "zone": case.zone,
        "occurred_at": at,
        "actor": actor,
    }


def _assignment(case: Case) -> dict[str, Any]:
    return {"assignment_id": case.assignment_id, "unit_id": case.unit_id}
