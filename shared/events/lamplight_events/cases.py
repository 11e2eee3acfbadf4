"""What does dispatch tell about the life of a case (`grid.cases`)?"""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from lamplight_events.event import CaseId, Event, PastTime, ReportId
from lamplight_events.reports import LatitudeDeg, LongitudeDeg, Slug, ZoneCode
from lamplight_events.vocabulary import CaseState, Outcome, Source

MAX_REPORTS_OF_CASE = 1_000
"""How many reports a case may have: its end names them all, in one record that must stay small.

The producer keeps it, and no reader enforces it: a limit that an event did not have before would break its contract.
"""

Actor = Annotated[str, Field(min_length=1, max_length=64, description="A role, unit or rule, never a person's name.")]
UnitId = Annotated[str, Field(min_length=1, max_length=64, description="The organisation that has the case.")]
AssignmentId = Annotated[UUID, Field(description="One case given to one unit.")]
Summary = Annotated[str, Field(max_length=200, description="The beginning of the first report's text, masked.")]
ReportSource = Annotated[Source, Field(description="The channel of the report.")]


class CaseEvent(Event):
    """What every event of a case carries, so that a reader needs no table of its own to route it.

    `sequence` counts the events of one case from 1 without gaps: a reader can tell that nothing is missing.
    """

    case_id: CaseId
    sequence: Annotated[int, Field(ge=1, le=2**31 - 1, description="Counts the case's events from 1, without gaps.")]
    state: CaseState = Field(description="Where the case stands after this event.")
    category: Slug
    zone: ZoneCode
    occurred_at: PastTime = Field(description="When it became true.")
    actor: Actor

    @property
    def key(self) -> UUID:
        return self.case_id


class CaseReported(CaseEvent):
    """A new case stands in the book."""

    event_type: ClassVar[str] = "grid.case.reported.v1"

    report_id: ReportId
    source: ReportSource
    longitude_deg: LongitudeDeg
    latitude_deg: LatitudeDeg
    summary: Summary = ""


class CaseReportJoined(CaseEvent):
    """One more report belongs to a case that was open already; the state stays as it was."""

    event_type: ClassVar[str] = "grid.case.report-joined.v1"

    report_id: ReportId
    source: ReportSource


class CaseSelfHandled(CaseEvent):
    """A patrol settled the matter on the spot."""

    event_type: ClassVar[str] = "grid.case.self-handled.v1"

    outcome: Outcome = Field(description="What was reached: persuaded or educated.")


class CaseFiled(CaseEvent):
    """The case was accepted for dispatch (立案)."""

    event_type: ClassVar[str] = "grid.case.filed.v1"

    filing_condition: Annotated[str, Field(min_length=1, max_length=64, description="Which condition was met.")]


class CaseDispatched(CaseEvent):
    """The case was given to a unit, and why to this one."""

    event_type: ClassVar[str] = "grid.case.dispatched.v1"

    assignment_id: AssignmentId
    unit_id: UnitId
    rule_id: Annotated[str, Field(min_length=1, max_length=64, description="The routing rule that chose the unit.")]
    summary: Summary = ""


class CaseAccepted(CaseEvent):
    """The unit took the case on."""

    event_type: ClassVar[str] = "grid.case.accepted.v1"

    assignment_id: AssignmentId
    unit_id: UnitId


class CaseResolved(CaseEvent):
    """The unit reports the work done; the disposal clock stops here."""

    event_type: ClassVar[str] = "grid.case.resolved.v1"

    assignment_id: AssignmentId
    unit_id: UnitId


class CaseClosed(CaseEvent):
    """The matter is closed."""

    event_type: ClassVar[str] = "grid.case.closed.v1"

    closing_condition: Annotated[str, Field(min_length=1, max_length=64, description="Which condition was met.")]
    report_ids: tuple[UUID, ...] = Field(
        description=f"Everyone who reported it and may want to know; {MAX_REPORTS_OF_CASE} at most."
    )
