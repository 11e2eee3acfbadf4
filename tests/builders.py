"""How does a test make a valid event, record or request? One argument changes one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord

from lamplight_chassis.clock import new_id
from lamplight_events.alerts import AlertDelivered, AlertFailed
from lamplight_events.cases import (
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
from lamplight_events.envelope import Cause
from lamplight_events.event import Event
from lamplight_events.messages import Message, OutgoingRecord, read_message, write_message
from lamplight_events.reports import ReportReceived
from lamplight_events.topics import TOPIC_OF
from lamplight_events.vocabulary import CaseState, Outcome, Source

NOW = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
POINT = (120.631, 31.445)
ZONE = "320507402"
CATEGORY = "mobile_vendor"
UNIT = "squadron_railway_new_town"
CORRELATION = "a-correlation-id"

_CASE_FIELDS: Mapping[type[CaseEvent], tuple[CaseState, Mapping[str, Any]]] = {
    CaseReported: (
        CaseState.REPORTED,
        {"report_id": UUID(int=1), "source": Source.PATROL, "longitude_deg": POINT[0], "latitude_deg": POINT[1]},
    ),
    CaseReportJoined: (CaseState.REPORTED, {"report_id": UUID(int=1), "source": Source.PATROL}),
    CaseSelfHandled: (CaseState.SELF_HANDLED, {"outcome": Outcome.PERSUADED}),
    CaseFiled: (CaseState.PENDING_DISPATCH, {"filing_condition": "rule:any"}),
    CaseDispatched: (
        CaseState.DISPATCHED,
        {"assignment_id": UUID(int=2), "unit_id": UNIT, "rule_id": "mobile_vendor"},
    ),
    CaseAccepted: (CaseState.HANDLING, {"assignment_id": UUID(int=2), "unit_id": UNIT}),
    CaseResolved: (CaseState.CHECKING, {"assignment_id": UUID(int=2), "unit_id": UNIT}),
    CaseClosed: (CaseState.CLOSED, {"closing_condition": "cleared", "report_ids": (UUID(int=1),)}),
}


class StillClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


def a_report_received(**changes: Any) -> ReportReceived:
    fields: dict[str, Any] = {
        "report_id": new_id(),
        "case_id": new_id(),
        "source": Source.RESIDENT_WEB,
        "category": CATEGORY,
        "zone": ZONE,
        "longitude_deg": POINT[0],
        "latitude_deg": POINT[1],
        "observed_at": NOW,
        "received_at": NOW,
    }
    return ReportReceived(**{**fields, **changes})


def a_case_event(event_class: type[CaseEvent] = CaseDispatched, **changes: Any) -> CaseEvent:
    state, own = _CASE_FIELDS[event_class]
    fields: dict[str, Any] = {
        "case_id": new_id(),
        "sequence": 1,
        "state": state,
        "category": CATEGORY,
        "zone": ZONE,
        "occurred_at": NOW,
        "actor": "rule",
    }
    return event_class(**{**fields, **own, **changes})


def an_alert_event(event_class: type[Event], **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "alert_id": new_id(),
        "delivery_id": new_id(),
        "case_id": new_id(),
        "recipient": f"unit:{UNIT}",
        "channel": "log",
        "tries": 1,
        "occurred_at": NOW,
    }
    return event_class(**{**fields, **changes})


BUILDERS: Mapping[type[Event], Callable[[], Event]] = {
    ReportReceived: a_report_received,
    **{event_class: partial(a_case_event, event_class) for event_class in _CASE_FIELDS},
    AlertDelivered: partial(an_alert_event, AlertDelivered),
    AlertFailed: partial(an_alert_event, AlertFailed, reason="answered with status 500"),
}


def an_outgoing(event: Event, *, event_id: UUID | None = None, cause: Cause | None = None) -> OutgoingRecord:
    """The event on the wire, as its own producer writes it."""
    [producer, *_] = TOPIC_OF[type(event)].producers
    return write_message(
        event, event_id=event_id or new_id(), producer=producer, time=NOW, cause=cause or Cause(CORRELATION)
    )


def a_message(event: Event) -> Message:
    """The event as its consumer sees it."""
    sent = an_outgoing(event)
    return read_message(topic=sent.topic, key=sent.key, headers=sent.headers, value=sent.value, now=NOW)


def a_record(event: Event, *, event_id: UUID | None = None, offset: int = 0) -> ConsumerRecord[bytes, bytes]:
    """The event as Kafka hands it out."""
    sent = an_outgoing(event, event_id=event_id)
    return raw_record(sent.value, topic=sent.topic, key=sent.key, headers=sent.headers, offset=offset)


def raw_record(
    value: bytes | None,
    *,
    topic: str = "words",
    key: bytes | None = b"key",
    headers: Any = (),
    partition: int = 0,
    offset: int = 0,
) -> ConsumerRecord[bytes, bytes]:
    """Any record at all."""
    return ConsumerRecord(
        topic=topic,
        partition=partition,
        offset=offset,
        timestamp=1_779_249_600_000,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=headers,
    )


def a_report_body(**changes: Any) -> dict[str, Any]:
    """What a client sends to `POST /v1/reports`."""
    longitude, latitude = POINT
    body = {
        "source": "resident_web",
        "category": CATEGORY,
        "location": {"longitude": longitude, "latitude": latitude},
        "description": "a stall on the pavement",
    }
    return {**body, **changes}
