"""In which street of the city does a point lie?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from lamplight_events.divisions import ZoneCode, load_zones

ZONES_PATH = Path(__file__).parent / "data" / "zones.geojson"

MAX_OVERLAP_DEG2 = 1e-8
"""About 100 m² at this latitude: what rounding leaves between two surveyed outlines, and nobody stands in."""

_AREAS = ("Polygon", "MultiPolygon")


class ZoneMapError(ValueError):
    """An outline file that must not be used; `feature` counts from 1, 0 stands for the file."""

    def __init__(self, path: Path, feature: int, reason: str) -> None:
        super().__init__(f"{path}, feature {feature}: {reason}")
        self.path = path
        self.feature = feature
        self.reason = reason


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
        for number, feature in enumerate(_features(path), start=1):
            code = _code(path, number, feature)
            if code in outlines:
                raise ZoneMapError(path, number, f"the street {code} is already there")
            outlines[code] = _outline(path, number, feature)
        _check_overlaps(path, list(outlines.values()))
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


def _features(path: Path) -> list[object]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as cause:
        raise ZoneMapError(path, 0, f"cannot be read: {cause}") from cause
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise ZoneMapError(path, 0, "is not a FeatureCollection with features")
    return features


def _code(path: Path, number: int, feature: object) -> ZoneCode:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    zone = load_zones().get(code) if isinstance(code, str) else None
    if zone is None:
        raise ZoneMapError(path, number, f"{code!r} is not a known street")
    return zone.code


def _outline(path: Path, number: int, feature: object) -> BaseGeometry:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    try:
        outline = shapely.from_geojson(json.dumps(geometry))
    except ShapelyError as cause:
        raise ZoneMapError(path, number, f"has no geometry: {cause}") from cause
    if outline is None or outline.geom_type not in _AREAS or outline.is_empty:
        raise ZoneMapError(path, number, f"is neither of {' or '.join(_AREAS)}")
    if not outline.is_valid:
        raise ZoneMapError(path, number, shapely.is_valid_reason(outline))
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise ZoneMapError(path, number, "lies outside the globe: longitude comes first, in degrees")
    return outline


def _check_overlaps(path: Path, outlines: Sequence[BaseGeometry]) -> None:
    lower, upper = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    for first, second in zip(lower.tolist(), upper.tolist(), strict=True):
        if first < second and outlines[first].intersection(outlines[second]).area > MAX_OVERLAP_DEG2:
            raise ZoneMapError(path, second + 1, f"overlaps feature {first + 1}")
