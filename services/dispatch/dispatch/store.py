"""Which cases are there, who has them, and what happened to each?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, DateTime, Index, MetaData, RowMapping, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dispatch.cases import Case, Step
from dispatch.metrics import DispatchMetrics
from lamplight_chassis.bulk import BulkAppend, array_literal, table_of
from lamplight_chassis.clock import NewId
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_chassis.idempotency import idempotency_table
from lamplight_chassis.inbox import inbox_table
from lamplight_chassis.outbox import outbox_table
from lamplight_events.envelope import Cause, ContractError
from lamplight_events.messages import OutgoingRecord, write_message
from lamplight_events.vocabulary import CaseState, Source

metadata_of_dispatch = MetaData()
outbox_table(metadata_of_dispatch)
inbox_table(metadata_of_dispatch)
idempotency_table(metadata_of_dispatch)


class DispatchTable(SQLModel):
    """Base of dispatch's own tables: they share one MetaData, apart from the other services'."""

    metadata = metadata_of_dispatch


class CaseRow(DispatchTable, table=True):
    """A case as it stands now."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("cases_by_time", "reported_at", "id"),
        Index("cases_by_zone", "zone", "reported_at", "id"),
        Index("cases_by_unit", "unit_id", "reported_at", "id"),
        Index("cases_by_category", "category", "reported_at", "id"),
        Index("cases_by_source", "source", "reported_at", "id"),
        Index("cases_open", "state", "reported_at", "id", postgresql_where=text("state <> 'closed'")),
    )

    id: UUID = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    sequence: int
    category: str = Field(sa_type=Text)
    zone: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    longitude_deg: float
    latitude_deg: float
    summary: str = Field(sa_type=Text)
    reported_at: datetime = Field(sa_type=DateTime(timezone=True))
    changed_at: datetime = Field(sa_type=DateTime(timezone=True))
    report_ids: list[UUID] = Field(sa_type=ARRAY(Uuid))
    unit_id: str | None = Field(default=None, sa_type=Text)
    assignment_id: UUID | None = None


class HistoryRow(DispatchTable, table=True):
    """One entry of a case's history; entries are added and never changed."""

    __tablename__ = "case_history"

    case_id: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    operation: str = Field(sa_type=Text)
    state_before: str | None = Field(default=None, sa_type=Text)
    state_after: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    occurred_at: datetime = Field(sa_type=DateTime(timezone=True))
    event_id: UUID
    details: dict[str, Any] = Field(sa_type=JSONB)


_CASE_COLUMNS = tuple(column.name for column in table_of(CaseRow).columns)
_ADD_CASES = BulkAppend("cases", _CASE_COLUMNS)
_CHANGING_COLUMNS = ("id", "state", "sequence", "changed_at", "report_ids", "unit_id", "assignment_id")
_CHANGE_CASES = text(
    "UPDATE cases AS c SET state = n.state, sequence = n.sequence, changed_at = n.changed_at, "
    "report_ids = CAST(n.report_ids AS uuid[]), unit_id = n.unit_id, assignment_id = n.assignment_id "
    "FROM unnest(CAST(:id AS uuid[]), CAST(:state AS text[]), CAST(:sequence AS integer[]), "
    "CAST(:changed_at AS timestamptz[]), CAST(:report_ids AS text[]), CAST(:unit_id AS text[]), "
    "CAST(:assignment_id AS uuid[])) AS n (id, state, sequence, changed_at, report_ids, unit_id, assignment_id) "
    "WHERE c.id = n.id"
)
# Its primary key (case, sequence) is also what stops two transactions from both making a case's n-th move.
_ADD_HISTORY = BulkAppend("case_history", tuple(column.name for column in table_of(HistoryRow).columns))

CASE_COLUMNS = ", ".join(_CASE_COLUMNS)
_LOCK_CASES = text(f"SELECT {CASE_COLUMNS} FROM cases WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE")
_HISTORY = (
    "SELECT sequence, operation, state_before, state_after, actor, occurred_at, event_id, details "
    "FROM case_history WHERE case_id = $1 ORDER BY sequence"
)


class CaseBook:
    """The cases that one transaction works on: locked when loaded, written when saved."""

    def __init__(self, work: UnitOfWork, *, new_id: NewId, metrics: DispatchMetrics) -> None:
        self._work = work
        self._new_id = new_id
        self._metrics = metrics
        self._cases: dict[UUID, Case] = {}
        self._stored: Set[UUID] = frozenset()
        self._history: list[tuple[object, ...]] = []
        self._changed: dict[UUID, Case] = {}

    async def load(self, case_ids: Iterable[UUID]) -> None:
        """Lock the cases that exist, in id order, so that two instances cannot deadlock."""
        rows = await self._work.connection.execute(_LOCK_CASES, {"ids": list(set(case_ids))})
        self._cases = {row.id: _case(row._mapping) for row in rows}
        self._stored = frozenset(self._cases)

    def get(self, case_id: UUID) -> Case | None:
        """The case as it stands after everything this transaction did to it."""
        return self._cases.get(case_id)

    def note_steps(self, steps: Sequence[Step], *, cause: Cause) -> Case:
        """Note moves, their history and their events; answers the case after the last of them.

        Raises:
            Rejected: an event cannot be told, because it would break the contract; nothing is noted.
        """
        records = [self._record(step, cause) for step in steps]
        for step, record in zip(steps, records, strict=True):
            self._work.emit(record)
            self._history.append(_history_values(step, record.event_id))
        self._work.after_commit(lambda: self._metrics.count_steps(steps))
        case = steps[-1].case
        self._cases[case.id] = self._changed[case.id] = case
        return case

    def _record(self, step: Step, cause: Cause) -> OutgoingRecord:
        event, event_id = step.event, self._new_id()
        try:
            return write_message(event, event_id=event_id, producer="dispatch", time=event.occurred_at, cause=cause)
        except ContractError as error:
            raise Rejected(error.reason, error.detail) from error

    async def save(self) -> None:
        """Write every changed case once, however many moves it made."""
        cases = sorted(self._changed.values(), key=lambda case: case.id)
        await _ADD_CASES.write(self._work.connection, [_values(case) for case in cases if case.id not in self._stored])
        if changed := [case for case in cases if case.id in self._stored]:
            await self._work.connection.execute(_CHANGE_CASES, _changes(changed))
        await _ADD_HISTORY.write(self._work.connection, self._history)


async def count_open_cases(database: Database) -> dict[str, int]:
    """How many cases are in each state that is not the last."""
    rows = await database.fetch("SELECT state, count(*) AS cases FROM cases WHERE state <> 'closed' GROUP BY state")
    return {row["state"]: row["cases"] for row in rows}


async def find_case(database: Database, case_id: UUID) -> Mapping[str, Any] | None:
    """One case as it stands, or None."""
    rows = await database.fetch(f"SELECT {CASE_COLUMNS} FROM cases WHERE id = $1", case_id)
    return rows[0] if rows else None


async def history_of(database: Database, case_id: UUID) -> Sequence[Mapping[str, Any]]:
    """All entries of a case in their order; empty when there is no such case."""
    rows = await database.fetch(_HISTORY, case_id)
    return [{**row, "details": orjson.loads(row["details"])} for row in rows]


def _case(row: RowMapping) -> Case:
    fields = {**row, "state": CaseState(row["state"]), "source": Source(row["source"])}
    return Case(**{**fields, "report_ids": tuple(row["report_ids"])})


def _values(case: Case) -> tuple[object, ...]:
    return tuple(getattr(case, name) for name in _CASE_COLUMNS)


def _changes(cases: Sequence[Case]) -> dict[str, list[object]]:
    """One list per column; the arrays inside are written as text, because unnest would flatten them."""
    columns = {name: [getattr(case, name) for case in cases] for name in _CHANGING_COLUMNS}
    return {**columns, "report_ids": [array_literal(case.report_ids) for case in cases]}


def _history_values(step: Step, event_id: UUID) -> tuple[object, ...]:
    event = step.event
    return (
        event.case_id,
        event.sequence,
        step.operation,
        step.state_before,
        event.state,
        event.actor,
        event.occurred_at,
        event_id,
        orjson.dumps(step.details).decode(),
    )
