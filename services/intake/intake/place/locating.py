"""Where in the city does a report lie: in which street and cell, outside it by rule, or nowhere yet?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from intake.place.cells import CellCode, CellMap, zone_of_cell
from intake.place.coordinates import CoordSys, Degrees, to_wgs84
from intake.place.outside import OutsideAnswer, OutsideRule, load_outside_rules
from intake.zones import ZoneMap
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Form
from lamplight_events.divisions import ZoneCode
from lamplight_events.vocabulary import Source


class Standing(StrEnum):
    """How a report stands to the city."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    WAITING_FOR_PLACE = "waiting_for_place"


class Point(Form):
    """A point, in degrees; longitude first wherever both stand in a row.

    The limits are told in the API but checked in `to_wgs84`: a swapped pair then gets its hint instead of a bare limit.
    """

    longitude: Annotated[
        float, Field(allow_inf_nan=False, examples=[120.631], json_schema_extra={"minimum": -180, "maximum": 180})
    ]
    latitude: Annotated[
        float, Field(allow_inf_nan=False, examples=[31.445], json_schema_extra={"minimum": -90, "maximum": 90})
    ]
    coord_sys: Literal[CoordSys.WGS84, CoordSys.GCJ02, CoordSys.BD09, CoordSys.CGCS2000] = Field(
        default=CoordSys.WGS84, description="The system that the point is in; imports in metres are converted before."
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report lies, in WGS-84.

    Arguments:
        zone: the street; for a point outside the city the nearest one, which takes it on.
        cell: None outside the city, or where no cell is drawn.
        outside_km: how far outside the city; 0 inside.
        reason: why it is where it is, in a sentence.
    """

    longitude_deg: float
    latitude_deg: float
    standing: Standing
    zone: ZoneCode
    cell: CellCode | None
    outside_km: float
    reason: str


@dataclass(frozen=True, slots=True)
class City:
    """The city's outlines and the rules for what lies outside them; build it once per process."""

    zones: ZoneMap
    cells: CellMap
    outside: Mapping[Source, OutsideRule]

    @staticmethod
    def load() -> City:
        """The shipped outlines and rules; raises what their loaders raise."""
        return City(ZoneMap.load(), CellMap.load(), load_outside_rules())


def locate(point: Point, *, source: Source, city: City) -> Place:
    """The place of a report.

    Raises:
        Rejected: `impossible_coordinates` for numbers that are not on the globe, `outside_city` for a point in no
            street where the channel's rule refuses it; both with a hint when longitude and latitude seem to be swapped.
    """
    try:
        longitude, latitude = to_wgs84(point.longitude, point.latitude, point.coord_sys)
    except Rejected as refusal:
        raise Rejected(refusal.reason, f"location.{refusal.detail}{_hint(point, city)}") from refusal
    zone = city.zones.zone_of(longitude, latitude)
    if zone is not None:
        cell = city.cells.cell_of(longitude, latitude)
        return Place(longitude, latitude, Standing.INSIDE, zone, cell, 0.0, f"the point lies in {zone}")
    return _outside(point, (longitude, latitude), source=source, city=city)


def _outside(point: Point, found: Degrees, *, source: Source, city: City) -> Place:
    rule = city.outside[source]
    told = f"location: {point.longitude}, {point.latitude} (longitude, latitude, {point.coord_sys})"
    if rule.answer is OutsideAnswer.REFUSE:
        raise Rejected("outside_city", f"{told} is in no street of the city{_hint(point, city)}")
    nearest, away_km = city.cells.nearest(*found)
    if away_km > rule.max_km:
        limit = f"{source} takes points up to {rule.max_km:g} km outside"
        raise Rejected("outside_city", f"{told} is {away_km:.0f} km outside the city; {limit}{_hint(point, city)}")
    reason = f"{away_km:.1f} km outside the city, accepted from {source}: {rule.note}"
    return Place(*found, Standing.OUTSIDE, zone_of_cell(nearest), None, away_km, reason)


def _hint(point: Point, city: City) -> str:
    """A swapped pair is the commonest mistake: Baidu and Open311 write latitude first."""
    try:
        swapped = to_wgs84(point.latitude, point.longitude, point.coord_sys)
    except Rejected:
        return ""
    if city.zones.zone_of(*swapped) is None:
        return ""
    return "; the other way round it would be: are longitude and latitude swapped?"
