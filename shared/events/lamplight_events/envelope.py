"""What surrounds an event on the wire: CloudEvents 1.0, Kafka protocol binding, binary mode."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

SOURCE_PREFIX = "/lamplight/"
CONTENT_TYPE = b"application/json"
SPEC_VERSION = b"1.0"
MAX_HEADER_BYTES = 512
# CloudEvents 1.0, type system: a String has no control characters. A database keeps no NUL, so our own events that
# repeat the attribute would be refused further down.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Headers = Sequence[tuple[str, bytes | None]]


class ContractError(ValueError):
    """A record that does not keep the contract; `reason` is a stable word, `detail` names field and limit."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something happens: one correlation id from the first request to the last alert."""

    correlation_id: str
    causation_id: UUID | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """The CloudEvents attributes of one event; `producer` is the service's name inside `ce_source`."""

    id: UUID
    type: str
    producer: str
    subject: str
    time: datetime
    cause: Cause

    def follow(self) -> Cause:
        """The cause that everything carries which this event brings about."""
        return Cause(self.cause.correlation_id, self.id, self.cause.traceparent)


def write_headers(envelope: Envelope) -> tuple[tuple[str, bytes], ...]:
    """The Kafka headers of an envelope, in a fixed order."""
    cause = envelope.cause
    optional = (("ce_causationid", cause.causation_id), ("traceparent", cause.traceparent))
    return (
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", str(envelope.id).encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_source", f"{SOURCE_PREFIX}{envelope.producer}".encode()),
        ("ce_subject", envelope.subject.encode()),
        ("ce_time", envelope.time.isoformat().encode()),
        ("content-type", CONTENT_TYPE),
        ("ce_correlationid", cause.correlation_id.encode()),
        *((name, str(value).encode()) for name, value in optional if value is not None),
    )


def read_headers(headers: Headers) -> Envelope:
    """Read an envelope; foreign headers beside it are left alone.

    Raises:
        ContractError: an attribute is missing, empty, too long, not of its form, or has a control character.
    """
    found = dict(headers)
    _require_spec_version(_text(found, "ce_specversion"))
    return Envelope(
        id=_uuid(found, "ce_id"),
        type=_text(found, "ce_type"),
        producer=_text(found, "ce_source").removeprefix(SOURCE_PREFIX),
        subject=_text(found, "ce_subject"),
        time=_time(found, "ce_time"),
        cause=Cause(
            correlation_id=_text(found, "ce_correlationid"),
            causation_id=_uuid(found, "ce_causationid") if found.get("ce_causationid") else None,
            traceparent=_text(found, "traceparent") if found.get("traceparent") else None,
        ),
    )


def _require_spec_version(version: str) -> None:
    if version != SPEC_VERSION.decode():
        raise ContractError("unknown_spec_version", f"ce_specversion is {version!r}, only 1.0 is spoken here")


def _text(found: dict[str, bytes | None], name: str) -> str:
    if name not in found:
        raise ContractError("missing_header", f"{name} is not there")
    value = found[name]
    if not value:
        raise ContractError("empty_header", f"{name} has no value")
    if len(value) > MAX_HEADER_BYTES:
        raise ContractError("header_too_long", f"{name} has {len(value)} bytes, at most {MAX_HEADER_BYTES} are allowed")
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise ContractError("malformed_header", f"{name} is not UTF-8") from error
    if not text.isprintable() and CONTROL_CHARACTERS.search(text):
        raise ContractError("malformed_header", f"{name} has a control character")
    return text


def _uuid(found: dict[str, bytes | None], name: str) -> UUID:
    text = _text(found, name)
    try:
        return UUID(text)
    except ValueError as error:
        raise ContractError("malformed_header", f"{name} is {text!r}, not a UUID") from error


def _time(found: dict[str, bytes | None], name: str) -> datetime:
    text = _text(found, name)
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ContractError("malformed_header", f"{name} is {text!r}, not an RFC 3339 time") from error
    if time.tzinfo is None:
        raise ContractError("malformed_header", f"{name} is {text!r}, without a time zone")
    return time
