"""What does notify tell about alerts that left or failed (`grid.alerts`)?"""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from lamplight_events.event import CaseId, Event, PastTime


class AlertEvent(Event):
    """What both outcomes of a delivery carry."""

    alert_id: UUID = Field(description="What the recipient must know.")
    delivery_id: UUID = Field(description="The alert to this one destination; a webhook receiver sees it as its id.")
    case_id: CaseId
    recipient: Annotated[
        str, Field(min_length=1, max_length=96, description="`command_centre`, `unit:...` or `report:...`.")
    ]
    channel: Annotated[str, Field(min_length=1, max_length=32, description="How it was sent, such as `webhook`.")]
    tries: Annotated[int, Field(ge=1, description="How often it was sent until this end.")]
    occurred_at: PastTime = Field(description="When this end was written down.")

    @property
    def key(self) -> UUID:
        return self.case_id


class AlertDelivered(AlertEvent):
    """The destination acknowledged the alert."""

    event_type: ClassVar[str] = "grid.alert.delivered.v1"


class AlertFailed(AlertEvent):
    """The last try failed; the delivery is parked until somebody replays it."""

    event_type: ClassVar[str] = "grid.alert.failed.v1"

    reason: Annotated[str, Field(max_length=500, description="How the last try failed.")]
