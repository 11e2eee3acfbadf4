"""What was seen of one run from outside: by its clients, in its databases, on its topics and at its destinations?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SentReport:
    """A report that a client sent until it was accepted, or until the run ended; `answers` are the different ones."""

    key: str
    answers: frozenset[tuple[UUID, UUID]] = frozenset()
    """Pairs of a report's id and its case's id."""


@dataclass(frozen=True, slots=True)
class CarriedOrder:
    """An order that was answered with success: the case stood at `sequence` after it."""

    key: str
    case_id: UUID
    operation: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was refused although nothing was wrong with it."""

    key: str
    status: int


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in intake's book; `key` is the client's name for it."""

    id: UUID
    case_id: UUID
    key: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in dispatch's book."""

    id: UUID
    state: str
    sequence: int
    report_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One entry of a case's history."""

    case_id: UUID
    sequence: int
    operation: str
    state: str
    event_id: UUID


@dataclass(frozen=True, slots=True)
class StatusRow:
    """What intake shows of a case."""

    case_id: UUID
    state: str
    sequence: int


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """A record of `grid.reports`."""

    event_id: UUID
    report_id: UUID


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A record of `grid.cases`, and whom it must alert."""

    partition: int
    offset: int
    event_id: UUID
    case_id: UUID
    sequence: int
    state: str
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """A record of `grid.alerts`."""

    event_id: UUID
    delivery_id: UUID
    type: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record of `grid.dead-letters`."""

    event_id: str
    topic: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert in notify's book."""

    id: UUID
    position: int
    event_id: UUID
    recipient: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One alert on its way to one destination."""

    id: UUID
    alert_id: UUID
    subscription_id: UUID
    channel: str
    state: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One webhook as it arrived, in order of arrival; `matter` is the alert's kind, case and recipient."""

    webhook_id: UUID
    matter: str
    content: str
    status: int
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the oracle judges.

    Arguments:
        subscription_ids: the destinations, all of which want every alert.
        streams: for each listener the positions of the alerts that it saw, in the order of arrival.
        outbox_rows: what waits in each service's outbox.
        lag: records that a group has not handled, by `group topic`.
    """

    sent_reports: tuple[SentReport, ...] = ()
    carried_orders: tuple[CarriedOrder, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    reports: tuple[ReportRow, ...] = ()
    cases: tuple[CaseRow, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    statuses: tuple[StatusRow, ...] = ()
    report_records: tuple[ReportRecord, ...] = ()
    case_records: tuple[CaseRecord, ...] = ()
    alert_records: tuple[AlertRecord, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    alerts: tuple[AlertRow, ...] = ()
    deliveries: tuple[DeliveryRow, ...] = ()
    subscription_ids: tuple[UUID, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    streams: tuple[tuple[int, ...], ...] = ()
    outbox_rows: Mapping[str, int] | None = None
    lag: Mapping[str, int] | None = None
