"""What is a report once it is accepted, and what is told about it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from intake.evidence.photos import PhotoKind
from intake.masking import summarise
from intake.zones import ZoneMap
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Form, Text, Time, Word
from lamplight_events.catalogue import load_categories
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import SETTLED_OUTCOMES, Outcome, Source

MAX_CLOCK_LEAD = timedelta(minutes=5)
MAX_AGE = timedelta(days=365)
MAX_PHOTOS = 9


class Location(Form):
    """A point, in degrees; longitude first wherever both stand in a row."""

    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, examples=[120.631])]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, examples=[31.445])]
    coord_sys: Literal["wgs84"] = "wgs84"


class NamedPhoto(Form):
    """A photo that was uploaded before, and what it shows."""

    upload_id: UUID
    kind: PhotoKind = PhotoKind.NEAR


class NewReport(Form):
    """What a caller sends."""

    source: Source
    category: Annotated[str, Field(max_length=64, examples=["mobile_vendor"])]
    location: Location
    description: Annotated[Text, Field(max_length=4000)] = ""
    observed_at: Time | None = Field(default=None, description="When it was seen; now if left out.")
    outcome: Outcome | None = Field(default=None, description="A patrol's sighting: what was reached on the spot.")
    reporter_ref: Word | None = Field(default=None, description="The team or system that reports, never a person.")
    photos: tuple[NamedPhoto, ...] = Field(
        default=(), max_length=MAX_PHOTOS, description="Photos that were sent to /v1/uploads before."
    )
    client_uuid: UUID | None = Field(
        default=None,
        description="Made by an offline phone once for each report; counts instead of the Idempotency-Key header, "
        "which whatever stands between may make anew for each try.",
    )


@dataclass(frozen=True, slots=True)
class Report:
    """One accepted report."""

    id: UUID
    case_id: UUID
    source: Source
    category: str
    zone: str
    longitude_deg: float
    latitude_deg: float
    description: str
    observed_at: datetime
    received_at: datetime
    outcome: Outcome | None
    reporter_ref: str | None


def accept_report(new: NewReport, *, zones: ZoneMap, report_id: UUID, case_id: UUID, now: datetime) -> Report:
    """Check what a form alone cannot know, and place the report in its street.

    Raises:
        Rejected: unknown category, a point outside the city, a time that cannot be, an outcome without a patrol or of a
            kind that no patrol may settle.
    """
    category = load_categories().get(new.category)
    if category is None:
        raise Rejected("unknown_category", f"category: {new.category!r} is not in the catalogue")
    if new.outcome is not None and new.source is not Source.PATROL:
        raise Rejected("outcome_without_patrol", f"outcome: only a patrol settles on the spot, not {new.source}")
    if new.outcome in SETTLED_OUTCOMES and not category.patrol_settles:
        raise Rejected("outcome_not_allowed", f"outcome: a patrol cannot settle {new.category} on the spot")
    zone = zones.zone_of(new.location.longitude, new.location.latitude)
    if zone is None:
        place = f"{new.location.longitude}, {new.location.latitude}"
        raise Rejected("outside_city", f"location: {place} (longitude, latitude) is in no street of the city")
    observed_at = new.observed_at or now
    if not now - MAX_AGE <= observed_at <= now + MAX_CLOCK_LEAD:
        limits = f"{MAX_AGE.days} days back and {MAX_CLOCK_LEAD.seconds // 60} minutes ahead"
        raise Rejected("impossible_time", f"observed_at: {observed_at.isoformat()} is not within {limits}")
    return Report(
        id=report_id,
        case_id=case_id,
        source=new.source,
        category=new.category,
        zone=zone,
        longitude_deg=new.location.longitude,
        latitude_deg=new.location.latitude,
        description=new.description,
        observed_at=observed_at,
        received_at=now,
        outcome=new.outcome,
        reporter_ref=new.reporter_ref,
    )


def tell_received(report: Report) -> ReportReceived:
    """The event: ids, place and category, and of the text only a masked beginning."""
    return ReportReceived(
        report_id=report.id,
        case_id=report.case_id,
        source=report.source,
        category=report.category,
        zone=report.zone,
        longitude_deg=report.longitude_deg,
        latitude_deg=report.latitude_deg,
        observed_at=report.observed_at,
        received_at=report.received_at,
        outcome=report.outcome,
        reporter_ref=report.reporter_ref,
        summary=summarise(report.description),
    )
