"""Who takes part in the lighting action of the demo city, and at which spots?

The teams are those in dispatch's table of units; the spots' coordinates are synthetic (`make_spots.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from dispatch.units import Unit, UnitKind, UnitTable
from lamplight_events.catalogue import load_categories
from lamplight_events.divisions import ZoneCode, load_zones
from lamplight_events.tables import Row, TableError, read_table, unique

SPOTS_PATH = Path(__file__).parent / "spots.csv"
SPOT_COLUMNS = ("spot_id", "team_id", "zone", "name_zh", "longitude_deg", "latitude_deg", "categories", "weight")

LIGHTING_STREETS = (ZoneCode("320507007"), ZoneCode("320507006"), ZoneCode("320507005"))
"""Chengyang, Caohu and Beihejing: the streets of the Xiangcheng economic development zone."""


class WorldError(TableError):
    """A file of the demo world with a mistake in it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a patrol team looks after, with what it looks for and how much a visit is worth (1 to 5)."""

    spot_id: str
    team_id: str
    zone: ZoneCode
    name_zh: str
    longitude_deg: float
    latitude_deg: float
    categories: tuple[str, ...]
    weight: int


@cache
def lighting_teams() -> tuple[Unit, ...]:
    """The patrol teams, in the order of the unit table."""
    return tuple(unit for unit in UnitTable.load().by_id.values() if unit.kind is UnitKind.PATROL_TEAM)


@cache
def patrol_spots(path: Path = SPOTS_PATH) -> Mapping[str, Spot]:
    """All spots by id; raises WorldError for the first mistake, with file, line and field."""
    rows = read_table(path, SPOT_COLUMNS, error=WorldError)
    return MappingProxyType(dict(unique(rows, "spot_id", _spot)))


def _spot(row: Row) -> Spot:
    zone = load_zones().get(row.text("zone"))
    if zone is None:
        row.refuse("zone", f"{row.text('zone')!r} is not a street")
    return Spot(
        spot_id=row.slug("spot_id"),
        team_id=_team_id(row, zone.code),
        zone=zone.code,
        name_zh=row.text("name_zh"),
        longitude_deg=row.number("longitude_deg", low=-180, high=180),
        latitude_deg=row.number("latitude_deg", low=-90, high=90),
        categories=_categories(row),
        weight=int(row.number("weight", low=1, high=5)),
    )


def _team_id(row: Row, zone: ZoneCode) -> str:
    team_id = row.text("team_id")
    if team_id not in {team.unit_id for team in lighting_teams() if zone in team.areas}:
        row.refuse("team_id", f"{team_id!r} is not a patrol team of {zone}")
    return team_id


def _categories(row: Row) -> tuple[str, ...]:
    slugs = tuple(row.text("categories").split())
    for slug in slugs:
        if slug not in load_categories():
            row.refuse("categories", f"{slug!r} is not in the catalogue")
    return slugs
