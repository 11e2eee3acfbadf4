"""In which unit grid cell does a point lie, and what does a cell's code say?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, floor, hypot, radians
from pathlib import Path
from typing import Final, NewType

import shapely
from shapely.geometry.base import BaseGeometry

from intake.outlines import OutlineError, check_overlaps, code_in, read_features, read_outline
from lamplight_chassis.errors import Rejected
from lamplight_events.divisions import ZoneCode, load_communities, load_zones

CELLS_PATH = Path(__file__).parent.parent / "data" / "cells.geojson"

CellCode = NewType("CellCode", str)
"""The 15 digits of a unit grid cell (GB/T 30428.1): 6 district, 3 street, 3 community, 3 sequence from 001."""

NO_COMMUNITY: Final = "000"
"""The community digits of a cell in a street of which no community is in the division table."""

_CODE: Final = re.compile(r"\d{9}(\d{3})\d{3}")
_OLD_CODE: Final = re.compile(r"\d{14}")
_BUCKETS_PER_DEG: Final = 100.0

KM_PER_DEG: Final = 111.195
"""Of latitude, on a sphere of 6,371 km radius."""


class CellMapError(OutlineError):
    """A file of cells that must not be used."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's code as it is kept, and as it came (CJ/T 213 has two sequence digits)."""

    code: CellCode
    raw: str


@dataclass(frozen=True, slots=True)
class CellMap:
    """The outlines of the cells, ready to be asked; build it with `load`, once per process."""

    codes: Sequence[CellCode]
    _outlines: Sequence[BaseGeometry]
    _boxes: Sequence[tuple[float, float, float, float]]
    _buckets: Mapping[tuple[int, int], Sequence[int]]
    _tree: shapely.STRtree

    @staticmethod
    def load(path: Path = CELLS_PATH) -> CellMap:
        """Read a GeoJSON file in WGS-84 whose features carry a 15-digit cell `code`.

        Raises:
            CellMapError: for the first feature that is no valid area, has a code that cannot be or was seen before,
                lies outside the globe, or overlaps another.
        """
        outlines: dict[CellCode, BaseGeometry] = {}
        for number, feature in enumerate(read_features(path, error=CellMapError), start=1):
            code = _code_of(path, number, feature)
            if code in outlines:
                raise CellMapError(path, number, f"the cell {code} is already there")
            outlines[code] = read_outline(path, number, feature, error=CellMapError)
        check_overlaps(path, list(outlines.values()), error=CellMapError)
        return _built(outlines)

    def cell_of(self, longitude_deg: float, latitude_deg: float) -> CellCode | None:
        """The cell of a WGS-84 point, None outside all of them; on a shared border the lower code."""
        if not (-180.0 <= longitude_deg <= 180.0 and -90.0 <= latitude_deg <= 90.0):
            return None
        bucket = floor(longitude_deg * _BUCKETS_PER_DEG), floor(latitude_deg * _BUCKETS_PER_DEG)
        for index in self._buckets.get(bucket, ()):
            west, south, east, north = self._boxes[index]
            is_near = west <= longitude_deg <= east and south <= latitude_deg <= north
            if is_near and shapely.intersects_xy(self._outlines[index], longitude_deg, latitude_deg):
                return self.codes[index]
        return None

    def nearest(self, longitude_deg: float, latitude_deg: float) -> tuple[CellCode, float]:
        """The cell nearest to a point on the globe, and how many kilometres away it is; slow, for points outside."""
        spot = shapely.Point(longitude_deg, latitude_deg)
        index = int(self._tree.nearest(spot))
        line = shapely.shortest_line(self._outlines[index], spot)
        (east, north), _ = shapely.get_coordinates(line).tolist()
        shrink = cos(radians((north + latitude_deg) / 2))
        return self.codes[index], KM_PER_DEG * hypot((east - longitude_deg) * shrink, north - latitude_deg)


def zone_of_cell(code: CellCode) -> ZoneCode:
    """The street that a cell lies in."""
    return ZoneCode(code[:9])


def check_cell(code: str) -> CellCode:
    """The code, if it can be one.

    Raises:
        Rejected: not 15 digits, a street or community that is not in the division table, a sequence of 000.
    """
    if fault := _fault_of(code):
        raise Rejected("impossible_cell", f"cell: {fault}")
    return CellCode(code)


def read_cell(raw: str) -> Cell:
    """A cell as another system names it: 15 digits, or 14 of the older CJ/T 213; the original is kept.

    Raises:
        Rejected: as `check_cell` does.
    """
    code = f"{raw[:12]}0{raw[12:]}" if _OLD_CODE.fullmatch(raw) else raw
    return Cell(check_cell(code), raw)


def _fault_of(code: str) -> str | None:
    match = _CODE.fullmatch(code)
    if match is None or not code.isascii():
        return f"{code[:20]!r} is not 15 digits"
    if code[:9] not in load_zones():
        return f"{code} begins with {code[:9]}, which is not a known street"
    if match[1] == NO_COMMUNITY and _has_communities(code[:9]):
        return f"{code} has no community, and the communities of {code[:9]} are known"
    if match[1] != NO_COMMUNITY and code[:12] not in load_communities():
        return f"{code} begins with {code[:12]}, which is not a known community"
    return f"{code} ends with 000; the sequence is 001 to 999" if code.endswith("000") else None


def _has_communities(zone: str) -> bool:
    return any(community.zone_code == zone for community in load_communities().values())


def _built(outlines: Mapping[CellCode, BaseGeometry]) -> CellMap:
    codes = tuple(sorted(outlines))
    ordered = [outlines[code] for code in codes]
    shapely.prepare(ordered)
    buckets: dict[tuple[int, int], list[int]] = {}
    for index, outline in enumerate(ordered):
        west, south, east, north = (floor(bound * _BUCKETS_PER_DEG) for bound in outline.bounds)
        for column in range(west, east + 1):
            for row in range(south, north + 1):
                buckets.setdefault((column, row), []).append(index)
    return CellMap(codes, ordered, [outline.bounds for outline in ordered], buckets, shapely.STRtree(ordered))


def _code_of(path: Path, number: int, feature: object) -> CellCode:
    code = code_in(feature)
    fault = _fault_of(code) if isinstance(code, str) else f"{code!r} is not a text of 15 digits"
    if fault:
        raise CellMapError(path, number, fault)
    return CellCode(str(code))
