"""Which districts, streets and communities does the city have, and on which days is each code valid?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NewType

from lamplight_events.catalogue import CatalogueError
from lamplight_events.tables import Row, read_table, unique

DISTRICTS_PATH = Path(__file__).parent / "data" / "districts.csv"
ZONES_PATH = Path(__file__).parent / "data" / "zones.csv"
COMMUNITIES_PATH = Path(__file__).parent / "data" / "communities.csv"
FORMER_PATH = Path(__file__).parent / "data" / "former_divisions.csv"
DISTRICT_COLUMNS = ("code", "name_zh", "name_en", "valid_from", "valid_to")
ZONE_COLUMNS = ("code", "name_zh", "district_code", "valid_from", "valid_to")
COMMUNITY_COLUMNS = ("code", "name_zh", "zone_code", "valid_from", "valid_to")
FORMER_COLUMNS = ("code", "name_zh", "replaced_by", "valid_from", "valid_to", "note")

ZoneCode = NewType("ZoneCode", str)
"""The 9 digits of a street or town: 6 of its district (GB/T 2260) and 3 of its own."""

_DISTRICT_CODE = re.compile(r"\d{6}")
_ZONE_CODE = re.compile(r"\d{9}")
_COMMUNITY_CODE = re.compile(r"\d{12}")
_ANY_CODE = re.compile(r"\d{6}(?:\d{3}(?:\d{3})?)?")


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which a code may be used, both included; codes change with the yearly list."""

    valid_from: date
    valid_to: date | None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class District:
    """A district or county-level city, with its 6-digit code."""

    code: str
    name_zh: str
    name_en: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class Zone:
    """A street or town: the area that a case is dispatched in."""

    code: ZoneCode
    name_zh: str
    district_code: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class Community:
    """A residents' or villagers' committee, with its 12-digit code."""

    code: str
    name_zh: str
    zone_code: ZoneCode
    validity: Validity


@dataclass(frozen=True, slots=True)
class FormerDivision:
    """A code that the yearly list no longer has, or that meant another division then.

    Arguments:
        replaced_by: the code of today that stands for it, of the same level; empty where there is none.
    """

    code: str
    name_zh: str
    replaced_by: str
    validity: Validity


Division = District | Zone | Community | FormerDivision


@cache
def load_districts(path: Path = DISTRICTS_PATH) -> Mapping[str, District]:
    """All districts by code; raises CatalogueError for the first mistake."""
    return MappingProxyType(dict(unique(read_table(path, DISTRICT_COLUMNS, error=CatalogueError), "code", _district)))


@cache
def load_zones(path: Path = ZONES_PATH) -> Mapping[str, Zone]:
    """All streets by code; raises CatalogueError for the first mistake."""
    return MappingProxyType(dict(unique(read_table(path, ZONE_COLUMNS, error=CatalogueError), "code", _zone)))


@cache
def load_communities(path: Path = COMMUNITIES_PATH) -> Mapping[str, Community]:
    """All communities by code; raises CatalogueError for the first mistake."""
    rows = read_table(path, COMMUNITY_COLUMNS, error=CatalogueError)
    return MappingProxyType(dict(unique(rows, "code", _community)))


@cache
def load_former_divisions(path: Path = FORMER_PATH) -> tuple[FormerDivision, ...]:
    """All codes of earlier lists.

    Raises:
        CatalogueError: a code whose days overlap with those of the same code elsewhere, one without a last day, one
            that is replaced by an unknown code or one of another level; with file, line and field.
    """
    found: list[FormerDivision] = []
    for row in read_table(path, FORMER_COLUMNS, error=CatalogueError):
        former = _former(row)
        for other in (_today(former.code), *(each for each in found if each.code == former.code)):
            if other is not None and _overlap(other.validity, former.validity):
                row.refuse("valid_from", f"{former.code} is {other.name_zh} on some of these days")
        found.append(former)
    return tuple(found)


def division_at(code: str, day: date) -> Division | None:
    """What a district, street or community code meant on a day; None if it meant nothing then."""
    candidates = (_today(code), *(former for former in load_former_divisions() if former.code == code))
    return next((found for found in candidates if found is not None and found.validity.covers(day)), None)


def code_today(code: str, day: date) -> str | None:
    """The code that stands today for what a code meant on a day; None if it meant nothing or was given up."""
    found = division_at(code, day)
    if isinstance(found, FormerDivision):
        return found.replaced_by or None
    return None if found is None else found.code


def _today(code: str) -> District | Zone | Community | None:
    return load_districts().get(code) or load_zones().get(code) or load_communities().get(code)


def _overlap(first: Validity, second: Validity) -> bool:
    return first.covers(second.valid_from) or second.covers(first.valid_from)


def _former(row: Row) -> FormerDivision:
    code, replaced_by, validity = row.matching("code", _ANY_CODE), row.optional("replaced_by"), _validity(row)
    if validity.valid_to is None:
        row.refuse("valid_to", "is empty; a code that is still valid belongs into the list of today")
    if replaced_by and (len(replaced_by) != len(code) or _today(replaced_by) is None):
        row.refuse("replaced_by", f"{replaced_by!r} is not a code of today of the same level")
    return FormerDivision(code, row.text("name_zh"), replaced_by, validity)


def _district(row: Row) -> District:
    code = row.matching("code", _DISTRICT_CODE)
    return District(code=code, name_zh=row.text("name_zh"), name_en=row.text("name_en"), validity=_validity(row))


def _zone(row: Row) -> Zone:
    code, district_code = row.matching("code", _ZONE_CODE), row.text("district_code")
    if district_code not in load_districts():
        row.refuse("district_code", f"{district_code!r} is not a known district")
    if not code.startswith(district_code):
        row.refuse("code", f"{code} does not begin with its district {district_code}")
    return Zone(ZoneCode(code), name_zh=row.text("name_zh"), district_code=district_code, validity=_validity(row))


def _community(row: Row) -> Community:
    code, zone_code = row.matching("code", _COMMUNITY_CODE), row.text("zone_code")
    zone = load_zones().get(zone_code)
    if zone is None:
        row.refuse("zone_code", f"{zone_code!r} is not a known street")
    if not code.startswith(zone_code):
        row.refuse("code", f"{code} does not begin with its street {zone_code}")
    return Community(code, name_zh=row.text("name_zh"), zone_code=zone.code, validity=_validity(row))


def _validity(row: Row) -> Validity:
    valid_from = row.day("valid_from")
    valid_to = row.day("valid_to") if row.optional("valid_to") else None
    if valid_to is not None and valid_to < valid_from:
        row.refuse("valid_to", f"{valid_to} is before valid_from")
    return Validity(valid_from, valid_to)
