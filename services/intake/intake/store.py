"""Which reports were accepted, and where do their cases stand?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Text
from sqlmodel import Field

from intake.evidence.store import Evidence, add_evidence
from intake.reports import Report
from intake.tables import IntakeTable
from lamplight_chassis.bulk import BulkAppend, BulkInsert, table_of
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_chassis.idempotency import Answer, IdempotencyKey, Outcome, perform_once
from lamplight_events.cases import CaseEvent
from lamplight_events.messages import OutgoingRecord


class ReportRow(IntakeTable, table=True):
    """One accepted report, as it came."""

    __tablename__ = "reports"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    source: str = Field(sa_type=Text)
    category: str = Field(sa_type=Text)
    zone: str = Field(sa_type=Text)
    longitude_deg: float
    latitude_deg: float
    description: str = Field(sa_type=Text)
    observed_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    outcome: str | None = Field(default=None, sa_type=Text)
    reporter_ref: str | None = Field(default=None, sa_type=Text)


class CaseStatusRow(IntakeTable, table=True):
    """Where a case stands, projected from its events for those who reported it."""

    __tablename__ = "case_status"

    case_id: UUID = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    sequence: int
    unit_id: str | None = Field(default=None, sa_type=Text)
    changed_at: datetime = Field(sa_type=DateTime(timezone=True))


_REPORT_COLUMNS = (
    "id", "case_id", "source", "category", "zone", "longitude_deg", "latitude_deg", "description", "observed_at",
    "received_at", "outcome", "reporter_ref",
)  # fmt: skip
_ADD_REPORTS = BulkAppend("reports", _REPORT_COLUMNS)
_UPSERT_STATUS = BulkInsert(
    table_of(CaseStatusRow),
    ("case_id", "state", "sequence", "unit_id", "changed_at"),
    on_conflict=(
        "ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, sequence = excluded.sequence, "
        "unit_id = coalesce(excluded.unit_id, case_status.unit_id), changed_at = excluded.changed_at "
        "WHERE case_status.sequence < excluded.sequence"
    ),
)
_REPORT_WITH_STATUS = (
    "SELECT r.id AS report_id, r.case_id, r.source, r.category, r.zone, r.outcome, r.observed_at, r.received_at, "
    "coalesce(s.state, 'received') AS status, s.unit_id, coalesce(s.changed_at, r.received_at) AS status_changed_at "
    "FROM reports r LEFT JOIN case_status s ON s.case_id = r.case_id WHERE r.id = $1"
)


@dataclass(frozen=True, slots=True)
class Submission:
    """An accepted report on its way into the database, with the event that tells of it."""

    report: Report
    record: OutgoingRecord
    answer: Answer
    idempotency: IdempotencyKey | None
    evidence: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True)
class RefusedSubmission:
    """A report that breaks a rule today: its key tells whether it was accepted when it was first sent."""

    refusal: Rejected
    idempotency: IdempotencyKey


async def save_submissions(
    database: Database, submissions: Sequence[Submission | RefusedSubmission]
) -> Sequence[Outcome]:
    """Store reports with their events in one transaction; a repeated key gets its first answer."""
    async with database.transaction() as work:

        async def insert(new: Sequence[Submission | RefusedSubmission]) -> Sequence[Outcome]:
            accepted = [submission for submission in new if isinstance(submission, Submission)]
            await _ADD_REPORTS.write(work.connection, [_report_values(submission.report) for submission in accepted])
            await add_evidence(work, [piece for submission in accepted for piece in submission.evidence])
            for submission in accepted:
                work.emit(submission.record)
            return [s.answer if isinstance(s, Submission) else s.refusal for s in new]

        return await perform_once(work.connection, submissions, insert)


async def report_with_status(database: Database, report_id: UUID) -> Mapping[str, Any] | None:
    """One report and where its case stands, or None."""
    rows = await database.fetch(_REPORT_WITH_STATUS, report_id)
    return rows[0] if rows else None


class StatusBoard:
    """The newest known state of each case that a batch of events speaks of."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._newest: dict[UUID, CaseEvent] = {}
        self._units: dict[UUID, tuple[int, str]] = {}

    def note(self, event: CaseEvent) -> None:
        """Remember an event unless a later one of its case is known."""
        known = self._newest.get(event.case_id)
        if known is None or known.sequence < event.sequence:
            self._newest[event.case_id] = event
        unit_id = getattr(event, "unit_id", None)
        if unit_id is not None and self._units.get(event.case_id, (0, ""))[0] < event.sequence:
            self._units[event.case_id] = (event.sequence, unit_id)

    async def save(self) -> None:
        """Write the states in case order, so that two instances cannot deadlock."""
        events = sorted(self._newest.values(), key=lambda event: event.case_id)
        rows = [(e.case_id, e.state, e.sequence, self._unit_of(e.case_id), e.occurred_at) for e in events]
        await _UPSERT_STATUS.write(self._work.connection, rows)

    def _unit_of(self, case_id: UUID) -> str | None:
        return self._units[case_id][1] if case_id in self._units else None


def _report_values(report: Report) -> tuple[object, ...]:
    return tuple(getattr(report, column) for column in _REPORT_COLUMNS)
