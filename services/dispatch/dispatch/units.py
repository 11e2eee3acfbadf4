"""Which organisations can be given a case, and which streets does each of them serve?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lamplight_events.divisions import load_districts, load_zones
from lamplight_events.tables import Row, TableError, read_table, unique

UNITS_PATH = Path(__file__).parent / "data" / "units.csv"
UNIT_COLUMNS = ("unit_id", "kind", "trade", "name_zh", "name_en", "zones")

ANY = "*"


class RoutingError(TableError):
    """A unit or routing file with a mistake in it; nothing of it is used."""


class UnitKind(StrEnum):
    """What an organisation is, which decides the work it may be given."""

    SQUADRON = "squadron"
    WORKSTATION = "workstation"
    PATROL_TEAM = "patrol_team"
    COMMUNITY = "community"
    CONTRACTOR = "contractor"


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation that can be given a case.

    Arguments:
        trade: what a contractor does, such as `sanitation`; empty for every other kind.
        areas: street codes, 6-digit district codes that stand for all their streets, or `*` for the whole city.
    """

    unit_id: str
    kind: UnitKind
    trade: str
    name_zh: str
    name_en: str
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitTable:
    """All units by id, and those that serve a street by kind and trade."""

    by_id: Mapping[str, Unit]
    _by_street: Mapping[tuple[UnitKind, str, str], tuple[Unit, ...]]

    @staticmethod
    def load(path: Path = UNITS_PATH) -> UnitTable:
        """Read the units; raises RoutingError for the first mistake, with file, line and field."""
        by_id = dict(unique(read_table(path, UNIT_COLUMNS, error=RoutingError), "unit_id", _unit))
        return UnitTable(by_id, _by_street(by_id.values()))

    def serving(self, kind: UnitKind, trade: str, zone: str) -> tuple[Unit, ...]:
        """Who does this work in a street; a unit of the street goes before its district's, that before the city's."""
        return self._by_street.get((kind, trade, zone), ())


def trade_of(row: Row, field: str, kind: UnitKind) -> str:
    """The trade in a row, which a contractor must have and nobody else may."""
    if kind is UnitKind.CONTRACTOR:
        return row.slug(field)
    return row.refuse(field, f"only a contractor has a trade, not a {kind}") if row.optional(field) else ""


def area_of(row: Row, field: str, code: str) -> str:
    """The code itself, when it is a street, a district or the whole city."""
    is_known = code == ANY or code in load_zones() or code in load_districts()
    return code if is_known else row.refuse(field, f"{code!r} is neither a street, a district nor {ANY}")


def covers(area: str, smaller: str) -> bool:
    """Whether an area holds a street, or a smaller area."""
    return area == ANY or smaller.startswith(area)


def _unit(row: Row) -> Unit:
    kind = row.choice("kind", UnitKind)
    areas = tuple(area_of(row, "zones", code) for code in row.text("zones").split())
    if len(set(areas)) < len(areas):
        row.refuse("zones", "names an area twice")
    return Unit(
        unit_id=row.slug("unit_id"),
        kind=kind,
        trade=trade_of(row, "trade", kind),
        name_zh=row.text("name_zh"),
        name_en=row.text("name_en"),
        areas=areas,
    )


def _by_street(units: Iterable[Unit]) -> Mapping[tuple[UnitKind, str, str], tuple[Unit, ...]]:
    best: dict[tuple[UnitKind, str, str], tuple[Unit, ...]] = {}
    closeness: dict[tuple[UnitKind, str, str], int] = {}
    for unit in units:
        for zone in load_zones():
            nearest = max((len(area) for area in unit.areas if covers(area, zone)), default=0)
            key = unit.kind, unit.trade, zone
            known = closeness.get(key, 0)
            if nearest > known:
                best[key], closeness[key] = (unit,), nearest
            elif nearest == known > 0:
                best[key] += (unit,)
    return best
