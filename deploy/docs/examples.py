"""What does a real record of each event look like, headers and value?

One story is told by all of them: a patrol hands over a vendor, another one settles a parked car.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lamplight_events.alerts import AlertDelivered, AlertFailed
from lamplight_events.cases import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseReported,
    CaseReportJoined,
    CaseResolved,
    CaseSelfHandled,
)
from lamplight_events.envelope import Cause
from lamplight_events.event import Event
from lamplight_events.messages import read_message, write_message
from lamplight_events.reports import ReportReceived
from lamplight_events.topics import EVENT_TYPES, TOPIC_OF
from lamplight_events.vocabulary import CaseState, Outcome, Source

NOON = datetime(2026, 5, 8, 4, 0, tzinfo=UTC)
READ_AT = NOON + timedelta(hours=1)
ZONE = "320507007"
UNIT = "squadron_chengyang"
TEAM = "patrol_chengyang_1"
PLACE = (120.725044, 31.395632)
SUMMARY = "Fruit cart at the mall entrance, phone ***"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def examples() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """One or more records of every event by its CloudEvents type, as a consumer finds them."""
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in sorted(EVENT_TYPES)}
    for number, event in enumerate(_story(), start=1):
        found[event.event_type].append(_record(event, number))
    return found


def _story() -> Iterator[Event]:
    yield _report(_id(1), _case(1), Source.PATROL, "mobile_vendor", Outcome.REFUSED)
    yield _report(_id(2), _case(2), Source.PATROL, "sidewalk_parking", Outcome.PERSUADED)
    yield _report(_id(3), _case(1), Source.RESIDENT_WEB, "mobile_vendor", None)
    yield CaseReported(
        **_head(1, CaseState.REPORTED, Source.PATROL),
        report_id=_id(1),
        source=Source.PATROL,
        longitude_deg=PLACE[0],
        latitude_deg=PLACE[1],
        summary=SUMMARY,
    )
    yield CaseSelfHandled(**_head(2, CaseState.SELF_HANDLED, TEAM), outcome=Outcome.PERSUADED)
    yield CaseFiled(**_head(2, CaseState.PENDING_DISPATCH, "rule"), filing_condition="rule:every-valid-report")
    yield CaseDispatched(
        **_head(3, CaseState.DISPATCHED, "rule"), **_assignment(), rule_id="mobile_vendor", summary=SUMMARY
    )
    joined = _head(4, CaseState.DISPATCHED, Source.RESIDENT_WEB)
    yield CaseReportJoined(**joined, report_id=_id(3), source=Source.RESIDENT_WEB)
    yield CaseAccepted(**_head(5, CaseState.HANDLING, UNIT), **_assignment())
    yield CaseResolved(**_head(6, CaseState.CHECKING, UNIT), **_assignment())
    reporters = (_id(1), _id(3))
    yield CaseClosed(**_head(7, CaseState.CLOSED, "command_centre"), closing_condition="cleared", report_ids=reporters)
    yield AlertDelivered(**_delivery(f"unit:{UNIT}", "log", tries=1))
    yield AlertFailed(
        **_delivery("command_centre", "webhook", tries=12), reason="ChannelError: answered with status 500"
    )


def _report(report_id: UUID, case_id: UUID, source: Source, category: str, outcome: Outcome | None) -> ReportReceived:
    return ReportReceived(
        report_id=report_id,
        case_id=case_id,
        source=source,
        category=category,
        zone=ZONE,
        longitude_deg=PLACE[0],
        latitude_deg=PLACE[1],
        observed_at=NOON,
        received_at=NOON + timedelta(seconds=20),
        outcome=outcome,
        reporter_ref=TEAM if source is Source.PATROL else None,
        summary=SUMMARY if category == "mobile_vendor" else "",
    )


def _head(sequence: int, state: CaseState, actor: str) -> dict[str, Any]:
    at = NOON + timedelta(seconds=20 * sequence)
    category = "sidewalk_parking" if state is CaseState.SELF_HANDLED else "mobile_vendor"
    case_id = _case(2) if state is CaseState.SELF_HANDLED else _case(1)
    head = {"case_id": case_id, "sequence": sequence, "state": state, "category": category}
    return {**head, "zone": ZONE, "occurred_at": at, "actor": actor}


def _assignment() -> dict[str, Any]:
    return {"assignment_id": _id(50), "unit_id": UNIT}


def _delivery(recipient: str, channel: str, *, tries: int) -> dict[str, Any]:
    delivery = {"alert_id": _id(60 + tries), "delivery_id": _id(80 + tries), "case_id": _case(1)}
    ending = {"recipient": recipient, "channel": channel, "tries": tries, "occurred_at": NOON + timedelta(minutes=10)}
    return {**delivery, **ending}


def _record(event: Event, number: int) -> Mapping[str, Any]:
    """One record as JSON; it was read back, so it keeps the contract."""
    topic = TOPIC_OF[type(event)]
    is_first = isinstance(event, ReportReceived)
    cause = Cause(f"noon-{event.key.hex[-8:]}", None if is_first else _id(100), TRACE if is_first else None)
    time = NOON + timedelta(seconds=30)
    record = write_message(event, event_id=_id(100 + number), producer=topic.producers[0], time=time, cause=cause)
    read_message(topic=record.topic, key=record.key, headers=record.headers, value=record.value, now=READ_AT)
    return {
        "topic": record.topic,
        "key": record.key.decode(),
        "headers": {name: value.decode() for name, value in record.headers},
        "value": json.loads(record.value),
    }


def _case(number: int) -> UUID:
    return _id(1000 + number)


def _id(number: int) -> UUID:
    """A version 7 id of that noon; the number makes it unique."""
    milliseconds = int(NOON.timestamp() * 1000) + number
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | number)
