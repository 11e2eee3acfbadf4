"""In which street of the city does a point lie?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from intake.outlines import OutlineError, check_overlaps, code_in, read_features, read_outline
from lamplight_events.divisions import ZoneCode, load_zones

ZONES_PATH = Path(__file__).parent / "data" / "zones.geojson"


class ZoneMapError(OutlineError):
    """A file of streets that must not be used."""


@dataclass(frozen=True, slots=True)
class ZoneMap:
    """The outlines of the streets, ready to be asked; build it with `load`, once per process."""

    codes: Sequence[ZoneCode]
    _outlines: Sequence[BaseGeometry]
    _boxes: Sequence[tuple[float, float, float, float]]

    @staticmethod
    def load(path: Path = ZONES_PATH) -> ZoneMap:
        """Read a GeoJSON file in WGS-84 whose features carry a 9-digit street `code`.

        Raises:
            ZoneMapError: for the first feature that is no valid area, has an unknown street or one seen before, lies
                outside the globe, or overlaps another.
        """
        outlines: dict[ZoneCode, BaseGeometry] = {}
        for number, feature in enumerate(read_features(path, error=ZoneMapError), start=1):
            code = _code(path, number, feature)
            if code in outlines:
                raise ZoneMapError(path, number, f"the street {code} is already there")
            outlines[code] = read_outline(path, number, feature, error=ZoneMapError)
        check_overlaps(path, list(outlines.values()), error=ZoneMapError)
        return _built(outlines)

    def zone_of(self, longitude_deg: float, latitude_deg: float) -> ZoneCode | None:
        """The street of a WGS-84 point, None outside all of them; on a shared border the lower code."""
        for index, (west, south, east, north) in enumerate(self._boxes):
            is_near = west <= longitude_deg <= east and south <= latitude_deg <= north
            if is_near and shapely.intersects_xy(self._outlines[index], longitude_deg, latitude_deg):
                return self.codes[index]
        return None


def _built(outlines: Mapping[ZoneCode, BaseGeometry]) -> ZoneMap:
    codes = tuple(sorted(outlines))
    ordered = [outlines[code] for code in codes]
    shapely.prepare(ordered)
    # For a hundred streets a walk over their boxes is five times as fast as a tree: no point object has to be made.
    return ZoneMap(codes, ordered, [outline.bounds for outline in ordered])


def _code(path: Path, number: int, feature: object) -> ZoneCode:
    code = code_in(feature)
    zone = load_zones().get(code) if isinstance(code, str) else None
    if zone is None:
        raise ZoneMapError(path, number, f"{code!r} is not a known street")
    return zone.code
