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
DISTRICT_COLUMNS = ("code", "name_zh", "name_en", "valid_from", "valid_to")
ZONE_COLUMNS = ("code", "name_zh", "district_code", "valid_from", "valid_to")
COMMUNITY_COLUMNS = ("code", "name_zh", "zone_code", "valid_from", "valid_to")

ZoneCode = NewType("ZoneCode", str)
"""The 9 digits of a street or town: 6 of its district (GB/T 2260) and 3 of its own."""

_DISTRICT_CODE = re.compile(r"\d{6}")
_ZONE_CODE = re.compile(r"\d{9}")
_COMMUNITY_CODE = re.compile(r"\d{12}")


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
