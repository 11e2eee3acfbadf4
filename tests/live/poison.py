"""Which ten kinds of poison can a stream hold, and what would mend each of them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from lamplight_chassis.clock import new_id
from lamplight_events.event import Event
from lamplight_events.messages import OutgoingRecord, write_message
from lamplight_events.topics import TOPIC_OF
from tests.builders import a_case_event, a_report_received, an_outgoing

JUST_UNDER_THE_TOPICS_LIMIT = 1024 * 1024 - 4096

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as a stranger may write it."""

    key: bytes | None
    headers: Headers
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Poison:
    """One kind: what it does to a good record, as what it is parked, and what a person changes before it is replayed.

    Arguments:
        mend_headers: new values by name.
        mend_value: the value that belongs to the good record, or None when the value was not at fault.
    """

    kind: str
    reason: str
    spoil: Callable[[RawRecord], RawRecord]
    mend_headers: Callable[[OutgoingRecord], Mapping[str, str]] = field(default=lambda _: {})
    mend_value: Callable[[OutgoingRecord], bytes] | None = None


EVENTS: Mapping[str, Callable[[], Event]] = {"grid.reports": a_report_received, "grid.cases": a_case_event}


def good_record(topic: str, *, event_id: UUID | None = None) -> OutgoingRecord:
    """A record of a new case that keeps the contract."""
    return an_outgoing(EVENTS[topic](), event_id=event_id)


def raw(record: OutgoingRecord) -> RawRecord:
    """The record without its promise to be good."""
    return RawRecord(record.key, record.headers, record.value)


def _header(name: str, value: bytes | None) -> Callable[[RawRecord], RawRecord]:
    def change(record: RawRecord) -> RawRecord:
        return replace(record, headers=tuple((n, value if n == name else v) for n, v in record.headers))

    return change


def _without_header(name: str) -> Callable[[RawRecord], RawRecord]:
    return lambda record: replace(record, headers=tuple(item for item in record.headers if item[0] != name))


def _value(value: bytes) -> Callable[[RawRecord], RawRecord]:
    return lambda record: replace(record, value=value)


def _wrong_type(record: RawRecord) -> RawRecord:
    return replace(record, value=orjson.dumps({**orjson.loads(record.value or b""), "zone": 12}))


def _huge(record: RawRecord) -> RawRecord:
    padding = "x" * (JUST_UNDER_THE_TOPICS_LIMIT - len(record.value or b""))
    return replace(record, value=orjson.dumps({**orjson.loads(record.value or b""), "padding": padding}))


def _newer(record: RawRecord) -> RawRecord:
    [event_type] = [value for name, value in record.headers if name == "ce_type"]
    return _header("ce_type", (event_type or b"").replace(b".v1", b".v9"))(record)


def _was(name: str) -> Callable[[OutgoingRecord], Mapping[str, str]]:
    return lambda good: {name: dict(good.headers)[name].decode()}
