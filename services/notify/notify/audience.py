"""Who must know of an event, and what kind of alert is it to them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lamplight_events.cases import CaseClosed, CaseDispatched, CaseEvent, CaseResolved
from lamplight_events.event import Event

COMMAND_CENTRE = "command_centre"


class AlertKind(StrEnum):
    """What an alert is about; the texts hang on it."""

    CASE_ASSIGNED = "case_assigned"
    WORK_TO_CHECK = "work_to_check"
    CASE_CLOSED = "case_closed"


@dataclass(frozen=True, slots=True)
class Addressed:
    """One recipient who must know, and as what."""

    recipient: str
    kind: AlertKind


Rule = Callable[[Any], Sequence[Addressed]]


def the_assigned_unit(event: CaseDispatched) -> Sequence[Addressed]:
    """The unit learns that a case is its own now."""
    return [Addressed(f"unit:{event.unit_id}", AlertKind.CASE_ASSIGNED)]


def those_who_check(_: CaseResolved) -> Sequence[Addressed]:
    """The command centre learns that work waits for its check."""
    return [Addressed(COMMAND_CENTRE, AlertKind.WORK_TO_CHECK)]


def everyone_who_reported(event: CaseClosed) -> Sequence[Addressed]:
    """Each report's own followers learn the end; a report stands in for its reporter, who is not known here."""
    return [Addressed(f"report:{report_id}", AlertKind.CASE_CLOSED) for report_id in event.report_ids]


RULES: Mapping[type[Event], Rule] = {
    CaseDispatched: the_assigned_unit,
    CaseResolved: those_who_check,
    CaseClosed: everyone_who_reported,
}


def who_must_know(event: CaseEvent) -> Sequence[Addressed]:
    """All recipients of an event, by the table of rules; most events concern nobody at once."""
    rule = RULES.get(type(event))
    return rule(event) if rule else ()
