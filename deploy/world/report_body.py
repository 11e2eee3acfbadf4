"""What does a client send to `POST /v1/reports`?"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from deploy.world.metres import Degrees
from lamplight_events.vocabulary import Outcome, Source


class Location(TypedDict):
    """A point, with the coordinate system it is given in."""

    longitude: float
    latitude: float
    coord_sys: str


class ReportBody(TypedDict):
    """The JSON body of one report."""

    client_uuid: str
    source: str
    category: str
    location: Location
    description: str
    observed_at: str
    outcome: str | None
    reporter_ref: str


def report_body(
    *,
    client_uuid: UUID,
    source: Source,
    category: str,
    point: Degrees,
    description: str,
    observed_at: datetime,
    reporter_ref: str,
    outcome: Outcome | None = None,
) -> ReportBody:
    """Put a report into the words of the API; `point` is in WGS-84, `observed_at` knows its time zone."""
    return ReportBody(
        client_uuid=str(client_uuid),
        source=source.value,
        category=category,
        location=Location(longitude=point[0], latitude=point[1], coord_sys="wgs84"),
        description=description,
        observed_at=observed_at.isoformat(),
        outcome=outcome.value if outcome else None,
        reporter_ref=reporter_ref,
    )
