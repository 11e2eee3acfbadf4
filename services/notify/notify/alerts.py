"""What is an alert, and what does a case event turn into?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lamplight_chassis.clock import NewId
from lamplight_events.cases import CaseEvent
from lamplight_events.messages import Message
from notify.audience import AlertKind, who_must_know
from notify.messages import word


@dataclass(frozen=True, slots=True)
class Alert:
    """Something one recipient must know about one event of a case."""

    id: UUID
    event_id: UUID
    case_id: UUID
    recipient: str
    kind: AlertKind
    category: str
    zone: str
    text_zh: str
    text_en: str
    correlation_id: str
    traceparent: str | None
    created_at: datetime


def alerts_from(message: Message, *, new_id: NewId, now: datetime) -> Sequence[Alert]:
    """The alerts of one event, one per recipient; empty when nobody must know."""
    event = message.event
    if not isinstance(event, CaseEvent):
        return ()
    return [
        Alert(
            id=new_id(),
            event_id=message.id,
            case_id=event.case_id,
            recipient=addressed.recipient,
            kind=addressed.kind,
            category=event.category,
            zone=event.zone,
            text_zh=wording.zh,
            text_en=wording.en,
            correlation_id=message.envelope.cause.correlation_id,
            traceparent=message.envelope.cause.traceparent,
            created_at=now,
        )
        for addressed in who_must_know(event)
        for wording in [word(addressed.kind, event)]
    ]
