"""What does intake tell about reports (`grid.reports`)?"""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from lamplight_events.event import CaseId, Event, PastTime, ReportId
from lamplight_events.vocabulary import Outcome, Source

ZoneCode = Annotated[str, Field(pattern=r"^\d{9}$", description="The street's 9-digit division code.")]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$", description="A category's slug in the catalogue.")]
LongitudeDeg = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="WGS-84, degrees.")]
LatitudeDeg = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="WGS-84, degrees.")]


class ReportReceived(Event):
    """One person or system told us something once; `case_id` says to which matter it belongs."""

    event_type: ClassVar[str] = "grid.report.received.v1"

    report_id: ReportId
    case_id: CaseId
    source: Source = Field(description="The channel it came through.")
    category: Slug
    zone: ZoneCode
    longitude_deg: LongitudeDeg
    latitude_deg: LatitudeDeg
    observed_at: PastTime = Field(description="When it was seen, as the reporter says.")
    received_at: PastTime = Field(description="When intake accepted it.")
    outcome: Outcome | None = Field(default=None, description="A patrol's sighting: what was reached on the spot.")
    reporter_ref: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="A team or system, never a person."
    )
    summary: Annotated[str, Field(max_length=200)] = Field(
        default="", description="The beginning of the text, with phones, mail addresses and id numbers masked."
    )

    @property
    def key(self) -> UUID:
        return self.case_id
