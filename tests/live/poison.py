"""Which kinds of poison can a stream hold, and as what is each of them parked?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from lamplight_events.event import Event
from tests.builders import a_case_event, a_report_received, an_outgoing
from tests.kafka import CODECS

MAX_TOPIC_BYTES = 1024 * 1024
ROOM_FOR_HEADERS_BYTES = 4096


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as anybody may write it; headers by name, and how it is packed on its way."""

    key: bytes
    headers: Mapping[str, bytes | None]
    value: bytes
    codec: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of poison: what it makes of a good record, given another good one, and why it is parked."""

    name: str
    reason: str
    spoil: Callable[[RawRecord, RawRecord], RawRecord]


EVENTS: Mapping[str, Callable[[], Event]] = {"grid.reports": a_report_received, "grid.cases": a_case_event}


def good_record(topic: str) -> RawRecord:
    """A record of a new case that keeps the contract of its topic."""
    sent = an_outgoing(EVENTS[topic]())
    return RawRecord(sent.key, dict(sent.headers), sent.value)


def case_in(record: RawRecord) -> str:
    """The case that a good record belongs to."""
    return record.key.decode()


def _with_header(record: RawRecord, name: str, value: bytes | None) -> RawRecord:
    return replace(record, headers={**record.headers, name: value})


def _not_json(good: RawRecord, _: RawRecord) -> RawRecord:
    return replace(good, value=b"\x00not json\xff")


def _wrong_type(good: RawRecord, _: RawRecord) -> RawRecord:
    return replace(good, value=orjson.dumps({**orjson.loads(good.value), "zone": 320507402}))


def _unknown_version(good: RawRecord, _: RawRecord) -> RawRecord:
    event_type = good.headers["ce_type"] or b""
    return _with_header(good, "ce_type", event_type.replace(b".v1", b".v99"))


def _missing_header(good: RawRecord, _: RawRecord) -> RawRecord:
    return replace(good, headers={name: value for name, value in good.headers.items() if name != "ce_id"})


def _null_header(good: RawRecord, _: RawRecord) -> RawRecord:
    return _with_header(good, "ce_type", None)


def _huge(good: RawRecord, _: RawRecord) -> RawRecord:
    room = MAX_TOPIC_BYTES - ROOM_FOR_HEADERS_BYTES - len(good.value)
    return replace(good, value=orjson.dumps({**orjson.loads(good.value), "padding": "x" * room}))


def _wrong_key(good: RawRecord, other: RawRecord) -> RawRecord:
    return replace(good, value=other.value)


def _foreign_producer(good: RawRecord, _: RawRecord) -> RawRecord:
    return _with_header(good, "ce_source", b"/lamplight/somebody")


def _future_time(good: RawRecord, _: RawRecord) -> RawRecord:
    return _with_header(good, "ce_time", (datetime.now(UTC) + timedelta(days=1)).isoformat().encode())


def _duplicate_id(good: RawRecord, other: RawRecord) -> RawRecord:
    return _with_header(good, "ce_id", other.headers["ce_id"])


def _letter_of_a_stranger(good: RawRecord, other: RawRecord) -> RawRecord:
    """What a tool of dead letters would take for its own header, in bytes that are no text."""
    return _with_header(_not_json(good, other), "dl_note", b"\xff\xfe")


def _packed_with(codec: str) -> Kind:
    """A foreign record that is compressed: our own never are."""

    def pack(good: RawRecord, other: RawRecord) -> RawRecord:
        return replace(_not_json(good, other), codec=codec)

    return Kind(f"packed_with_{codec}", "malformed_value", pack)


KINDS = (
    Kind("not_json", "malformed_value", _not_json),
    Kind("wrong_type", "malformed_value", _wrong_type),
    Kind("unknown_version", "unknown_type", _unknown_version),
    Kind("missing_header", "missing_header", _missing_header),
    Kind("null_header", "empty_header", _null_header),
    Kind("huge", "too_large", _huge),
    Kind("wrong_key", "wrong_key", _wrong_key),
    Kind("foreign_producer", "foreign_producer", _foreign_producer),
    Kind("future_time", "future_time", _future_time),
    Kind("duplicate_id", "duplicate_id", _duplicate_id),
    Kind("letter_of_a_stranger", "malformed_value", _letter_of_a_stranger),
    *map(_packed_with, CODECS),
)
