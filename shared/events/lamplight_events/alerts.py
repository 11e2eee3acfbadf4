"""What does notify tell about alerts that left or failed (`grid.alerts`)?"""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from lamplight_events.event import Event


class AlertEvent(Event):
    """What both outcomes of a delivery carry."""

    alert_id: UUID
    delivery_id: UUID
    case_id: UUID
    recipient: Annotated[str, Field(min_length=1, max_length=96)]
    channel: Annotated[str, Field(min_length=1, max_length=32)]
    tries: Annotated[int, Field(ge=1)]
    occurred_at: AwareDatetime

    @property
    def key(self) -> UUID:
        return self.case_id


class AlertDelivered(AlertEvent):
    """The destination acknowledged the alert."""

    event_type: ClassVar[str] = "grid.alert.delivered.v1"


class AlertFailed(AlertEvent):
    """The last try failed; the delivery is parked until somebody replays it."""

    event_type: ClassVar[str] = "grid.alert.failed.v1"

    reason: Annotated[str, Field(max_length=500)]
