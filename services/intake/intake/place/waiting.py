"""What becomes of a report that names an address and no point, until somebody places it?"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from intake.place.locating import City, Place, Point, Standing, locate
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Form, Text
from lamplight_events.vocabulary import Source

LEAST_ADDRESS = 2
MOST_ADDRESS = 200

WHAT_IS_NEEDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "location": "longitude, latitude and coord_sys of a point in the city, or where the channel's rule takes it",
        "found_by": "how the point was found: map, call_back, site_visit or same_address",
    }
)
"""What an operator must give to place a waiting report."""


class FoundBy(StrEnum):
    """How an operator knows the point."""

    MAP = "map"
    CALL_BACK = "call_back"
    SITE_VISIT = "site_visit"
    SAME_ADDRESS = "same_address"


class PlaceGiven(Form):
    """What an operator sends to place a waiting report; who it was is known from the token."""

    location: Point
    found_by: FoundBy
    opinion: Annotated[Text, Field(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report without a point. The address may name a home: it is kept where personal data are, and told to nobody."""

    address: str
    source: Source
    since: datetime

    @property
    def standing(self) -> Standing:
        return Standing.WAITING_FOR_PLACE


@dataclass(frozen=True, slots=True)
class Placing:
    """A waiting report that was given its place."""

    place: Place
    found_by: FoundBy
    opinion: str
    operator: str
    placed_at: datetime
    waited_s: float


def place_of(
    location: Point | None, *, address: str | None, source: Source, city: City, now: datetime
) -> Place | Waiting:
    """Where a new report lies; with an address alone it waits.

    Raises:
        Rejected: `no_place` without a point and without an address that says something; else as `locate` does.
    """
    if location is not None:
        return locate(location, source=source, city=city)
    return Waiting(_readable(address), source, now)


def place_by_operator(
    report: Place | Waiting, given: PlaceGiven, *, operator: str, city: City, now: datetime
) -> Placing:
    """Give a waiting report its place.

    Raises:
        Rejected: `already_placed` for a report that has a place; else as `locate` does.
    """
    if isinstance(report, Place):
        raise Rejected(
            "already_placed", f"location: the report lies in {report.zone}; it is no longer waiting for a place"
        )
    return Placing(
        place=locate(given.location, source=report.source, city=city),
        found_by=given.found_by,
        opinion=given.opinion,
        operator=operator,
        placed_at=now,
        waited_s=max((now - report.since).total_seconds(), 0.0),
    )


def _readable(address: str | None) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", address or "").split())
    if not any(character.isalnum() for character in plain):
        raise Rejected("no_place", "location: give a point, or an address that can be found")
    if not LEAST_ADDRESS <= len(plain) <= MOST_ADDRESS:
        raise Rejected("no_place", f"address: {len(plain)} characters; it must have {LEAST_ADDRESS} to {MOST_ADDRESS}")
    return plain
