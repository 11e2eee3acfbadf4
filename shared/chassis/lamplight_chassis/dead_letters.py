"""What is kept of a record that could not be handled, so that a person can understand and replay it?"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from aiokafka import ConsumerRecord

from lamplight_chassis.errors import Rejected
from lamplight_chassis.outbox import KafkaHeaders, unpack_headers
from lamplight_chassis.relay_session import Row

PREFIX = "dl_"
FIRST_HEADER = f"{PREFIX}topic"
MAX_VALUE_BYTES = 1024 * 1024
MAX_HEADERS_BYTES = 64 * 1024
MAX_ERROR_BYTES = 8 * 1024


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A parked record, ready for the outbox: original key, headers and value, with `dl_` headers that say why."""

    event_id: UUID
    topic: str
    key: bytes
    headers: KafkaHeaders
    value: bytes | None


def place_id(record: ConsumerRecord[bytes, bytes], *, group: str) -> UUID:
    """An id for a record whose own cannot be trusted: the same record always gets the same."""
    place = f"{group}:{record.topic}:{record.partition}:{record.offset}:{record.timestamp}"
    return uuid5(NAMESPACE_URL, place)


def unreadable_record(topic: str, partition: int, offset: int) -> ConsumerRecord[bytes, bytes]:
    """What stands for a record of which nothing but its place is known."""
    return ConsumerRecord(topic, partition, offset, 0, 0, None, None, None, 0, 0, ())


def letter_from_record(record: ConsumerRecord[bytes, bytes], *, error: Exception, group: str, topic: str) -> DeadLetter:
    """Park what a consumer could not handle; `topic` is where dead letters live."""
    return DeadLetter(
        event_id=uuid5(place_id(record, group=group), "dead-letter"),
        topic=topic,
        key=record.key or b"",
        headers=(
            *_fitting_headers(record.headers),
            *_why(
                topic=record.topic,
                partition=str(record.partition),
                offset=str(record.offset),
                group=group,
                reason=reason_of(error),
                error=describe(error),
                **_cut(value=record.value, headers=record.headers),
            ),
        ),
        value=_fitting(record.value),
    )


def letter_from_outbox(row: Row, *, producer: str, topic: str, reason: str) -> DeadLetter:
    """Tell of an outbox row that can never be sent; the row itself stays parked in the outbox, whole."""
    why = _why(
        topic=row.topic,
        partition="",
        offset="",
        group=producer,
        reason="unsendable",
        error=reason,
        # A value too large for its own topic is too large for this one: the outbox keeps it, the letter names the row.
        **_cut(value=row.value, headers=()),
        outbox_id=str(row.id),
    )
    headers = (*unpack_headers(row.headers), *why)
    return DeadLetter(uuid5(NAMESPACE_URL, f"outbox:{producer}:{row.id}"), topic, row.key, headers, _fitting(row.value))


def split_headers(headers: KafkaHeaders) -> tuple[KafkaHeaders, KafkaHeaders]:
    """The headers of a letter's record, and those that say why it was parked.

    Ours stand last and begin with the topic: a header that only looks like one of them came with the record.
    """
    begins = max((place for place, (name, _) in enumerate(headers) if name == FIRST_HEADER), default=len(headers))
    return headers[:begins], headers[begins:]


def reason_of(error: Exception) -> str:
    """A stable word for metrics: the rule that was broken, or the kind of the bug."""
    return error.reason if isinstance(error, Rejected) else type(error).__name__


def describe(error: Exception) -> str:
    """A sentence for a wrong input, a traceback for a bug."""
    if isinstance(error, Rejected):
        return error.detail
    return "".join(traceback.format_exception(error))[-MAX_ERROR_BYTES:]


def _why(**fields: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"{PREFIX}{name}", value.encode("utf-8", "replace")) for name, value in fields.items())


def _cut(*, value: bytes | None, headers: KafkaHeaders) -> dict[str, str]:
    """Which parts of the record did not fit; nothing when all of it is there."""
    parts = ["value"] * (_fitting(value) != value) + ["headers"] * (len(_fitting_headers(headers)) < len(headers))
    return {"cut": ",".join(parts)} if parts else {}


def _fitting_headers(headers: KafkaHeaders) -> KafkaHeaders:
    """Foreign headers as they were, cut where they are so many or so large that the letter could not be sent."""
    kept: list[tuple[str, bytes | None]] = []
    room = MAX_HEADERS_BYTES
    for name, value in headers:
        room -= len(name) + len(value or b"")
        if room < 0:
            break
        kept.append((name, value))
    return kept


def _fitting(value: bytes | None) -> bytes | None:
    return value if value is None or len(value) <= MAX_VALUE_BYTES else value[:MAX_VALUE_BYTES]
