"""What did the people of San Diego report one morning, as if they had lived in Suzhou?

500 real reports of 29 March 2021, at their own pace and with their own words. Only the place is moved: one affine map
lays the centre of San Diego on the old town of Suzhou and keeps every distance, so that crowds and empty quarters stay
what they were. The streets in which they then lie are accidental, and a demo has to say so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from types import MappingProxyType
from uuid import NAMESPACE_URL, uuid5

from deploy.world.metres import Degrees
from deploy.world.report_body import ReportBody, report_body
from deploy.world.suzhou import WorldError
from lamplight_events.catalogue import load_categories
from lamplight_events.tables import Row, read_table, unique
from lamplight_events.vocabulary import Source

REPORTS_PATH = Path(__file__).parent / "san_diego_500.csv"
CATEGORIES_PATH = Path(__file__).parent / "san_diego_categories.csv"
REPORT_COLUMNS = ("service_request_id", "offset_s", "service_name", "longitude_deg", "latitude_deg", "description")
CATEGORY_COLUMNS = ("service_name", "category", "note")

CENTRE: Degrees = (-117.16, 32.72)
LAID_ON: Degrees = (120.62, 31.31)
STRETCH = math.cos(math.radians(CENTRE[1])) / math.cos(math.radians(LAID_ON[1]))
"""A degree of longitude is shorter in San Diego than in Suzhou."""

BEGAN_AT = datetime(2021, 3, 29, 6, 0, tzinfo=timezone(timedelta(hours=-7)))
REPORTER_REF = "san_diego_get_it_done"


def san_diego_reports(path: Path = REPORTS_PATH, *, began_at: datetime = BEGAN_AT) -> list[tuple[float, ReportBody]]:
    """Each report with the seconds after the first minute of the morning at which it was made, in that order.

    Arguments:
        began_at: when the morning begins, so that the reports can be told as today's.

    Raises:
        WorldError: for the first mistake, with file, line and field.
    """
    rows = read_table(path, REPORT_COLUMNS, error=WorldError)
    return [found for _, found in unique(rows, "service_request_id", lambda row: _report(row, began_at))]


@cache
def category_by_service(path: Path = CATEGORIES_PATH) -> Mapping[str, str]:
    """The category's slug for each of San Diego's service names; raises WorldError for the first mistake."""
    rows = read_table(path, CATEGORY_COLUMNS, error=WorldError)
    return MappingProxyType(dict(unique(rows, "service_name", _category)))


def to_suzhou(longitude_deg: float, latitude_deg: float) -> Degrees:
    """Move a point of San Diego to Suzhou, to 6 decimals; distances stay the same within one part in a hundred."""
    longitude = LAID_ON[0] + (longitude_deg - CENTRE[0]) * STRETCH
    latitude = LAID_ON[1] + (latitude_deg - CENTRE[1])
    return round(longitude, 6), round(latitude, 6)


def _report(row: Row, began_at: datetime) -> tuple[float, ReportBody]:
    offset_s = row.number("offset_s", low=0, high=86_400)
    service_name = row.text("service_name")
    category = category_by_service().get(service_name)
    if category is None:
        row.refuse("service_name", f"{service_name!r} has no category in {CATEGORIES_PATH.name}")
    longitude_deg = row.number("longitude_deg", low=-180, high=180)
    latitude_deg = row.number("latitude_deg", low=-90, high=90)
    return offset_s, report_body(
        client_uuid=uuid5(NAMESPACE_URL, f"{REPORTER_REF}/{row.text('service_request_id')}"),
        source=Source.OPEN311,
        category=category,
        point=to_suzhou(longitude_deg, latitude_deg),
        description=row.optional("description") or service_name,
        observed_at=began_at + timedelta(seconds=offset_s),
        reporter_ref=REPORTER_REF,
    )


def _category(row: Row) -> str:
    slug = row.text("category")
    return slug if slug in load_categories() else row.refuse("category", f"{slug!r} is not in the catalogue")
