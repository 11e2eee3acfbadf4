"""How does an event become a Kafka record, and a Kafka record an event again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError

from lamplight_events.envelope import Cause, ContractError, Envelope, Headers, read_headers, write_headers
from lamplight_events.event import Event, past_times_of
from lamplight_events.topics import EVENT_TYPES, TOPIC_OF

MAX_VALUE_BYTES = 256 * 1024
MAX_CLOCK_LEAD = timedelta(minutes=5)
NUL_IN_JSON = b"\\u0000"


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """What a producer hands to Kafka for one event."""

    event_id: UUID
    topic: str
    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One event as a consumer sees it, with its envelope."""

    envelope: Envelope
    event: Event

    @property
    def id(self) -> UUID:
        return self.envelope.id


def write_message(event: Event, *, event_id: UUID, producer: str, time: datetime, cause: Cause) -> OutgoingRecord:
    """Put an event on the wire of its topic.

    Arguments:
        event_id: unique for ever, time-ordered (uuid7): consumers tell redeliveries by it.
        producer: the service's name; it must be a producer of the topic.
        time: when the fact became true, aware UTC.

    Raises:
        ContractError: this service may not write this topic, or the value is too large.
    """
    topic = TOPIC_OF[type(event)]
    if producer not in topic.producers:
        raise ContractError("foreign_producer", f"{producer!r} may not write {topic.name}, only {topic.producers} may")
    subject = str(event.key)
    value = event.model_dump_json(exclude_none=True).encode()
    _require_size(value)
    envelope = Envelope(id=event_id, type=event.event_type, producer=producer, subject=subject, time=time, cause=cause)
    return OutgoingRecord(event_id, topic.name, subject.encode(), write_headers(envelope), value)


def read_message(*, topic: str, key: bytes | None, headers: Headers, value: bytes | None, now: datetime) -> Message:
    """Read a record of `topic`, trusting nothing in it.

    Raises:
        ContractError: with the first rule that the record breaks.
    """
    envelope = read_headers(headers)
    event_class = _event_class(envelope, topic)
    latest = now + MAX_CLOCK_LEAD
    _require_past("ce_time", envelope.time, latest=latest)
    if value is None:
        raise ContractError("malformed_value", "the record has no value")
    _require_size(value)
    event = _parse(event_class, value)
    for name in past_times_of(event_class):  # a service that tells of it in turn would be refused
        _require_past(name, getattr(event, name), latest=latest)
    if NUL_IN_JSON in value:
        _require_no_nul(event)
    if key != str(event.key).encode():
        raise ContractError("wrong_key", f"the Kafka key is {(key or b'')[:64]!r}, the event belongs to {event.key}")
    return Message(envelope, event)


def _event_class(envelope: Envelope, topic: str) -> type[Event]:
    event_class = EVENT_TYPES.get(envelope.type)
    if event_class is None:
        raise ContractError("unknown_type", f"ce_type {envelope.type!r} is not in the contract")
    home = TOPIC_OF[event_class]
    if home.name != topic:
        raise ContractError("wrong_topic", f"{envelope.type} belongs to {home.name}, not to {topic}")
    if envelope.producer not in home.producers:
        raise ContractError(
            "foreign_producer", f"{envelope.producer!r} may not write {topic}, only {home.producers} may"
        )
    return event_class


def _parse(event_class: type[Event], value: bytes) -> Event:
    try:
        return event_class.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "value"
        raise ContractError("malformed_value", f"{field}: {first['msg']}") from error


def _require_size(value: bytes) -> None:
    if len(value) > MAX_VALUE_BYTES:
        raise ContractError("too_large", f"the value has {len(value)} bytes, at most {MAX_VALUE_BYTES} are allowed")


def _require_past(name: str, time: datetime, *, latest: datetime) -> None:
    if time > latest:
        raise ContractError("future_time", f"{name} {time.isoformat()} is more than 5 minutes ahead")


def _require_no_nul(event: Event) -> None:
    """No database here keeps a NUL; the text of one, behind a backslash of its own, is harmless."""
    for name, found in event.model_dump(mode="json").items():
        if _has_nul(found):
            raise ContractError("malformed_value", f"{name}: must not contain the NUL character")


def _has_nul(found: object) -> bool:
    if isinstance(found, str):
        return "\x00" in found
    if isinstance(found, dict):
        return any(_has_nul(part) for pair in found.items() for part in pair)
    return isinstance(found, list) and any(_has_nul(part) for part in found)
