"""What is in a GeoJSON file of outlines, and is each of them an area of its own on the globe?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

MAX_OVERLAP_DEG2 = 1e-8
"""About 100 m² at this latitude: what rounding leaves between two surveyed outlines, and nobody stands in."""

_AREAS = ("Polygon", "MultiPolygon")


class OutlineError(ValueError):
    """An outline file that must not be used; `feature` counts from 1, 0 stands for the file."""

    def __init__(self, path: Path, feature: int, reason: str) -> None:
        super().__init__(f"{path}, feature {feature}: {reason}")
        self.path = path
        self.feature = feature
        self.reason = reason


def read_features(path: Path, *, error: type[OutlineError]) -> list[object]:
    """The features of a collection; raises `error` when there are none."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as cause:
        raise error(path, 0, f"cannot be read: {cause}") from cause
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise error(path, 0, "is not a FeatureCollection with features")
    return features


def code_in(feature: object) -> object:
    """The property `code` of a feature, None when it has none."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties.get("code") if isinstance(properties, dict) else None


def read_outline(path: Path, number: int, feature: object, *, error: type[OutlineError]) -> BaseGeometry:
    """The area of a feature in WGS-84; raises `error` when it is none, not valid, or off the globe."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    try:
        outline = shapely.from_geojson(json.dumps(geometry))
    except ShapelyError as cause:
        raise error(path, number, f"has no geometry: {cause}") from cause
    if outline is None or outline.geom_type not in _AREAS or outline.is_empty:
        raise error(path, number, f"is neither of {' or '.join(_AREAS)}")
    if not outline.is_valid:
        raise error(path, number, shapely.is_valid_reason(outline))
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise error(path, number, "lies outside the globe: longitude comes first, in degrees")
    return outline


def check_overlaps(path: Path, outlines: Sequence[BaseGeometry], *, error: type[OutlineError]) -> None:
    """Raise `error` for the first outline that shares more than rounding with another."""
    lower, upper = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    pairs = [(first, second) for first, second in zip(lower.tolist(), upper.tolist(), strict=True) if first < second]
    if not pairs:
        return
    first, second = ([outlines[pair[side]] for pair in pairs] for side in (0, 1))
    areas = shapely.area(shapely.intersection(first, second))
    for (one, other), area in zip(pairs, areas.tolist(), strict=True):
        if area > MAX_OVERLAP_DEG2:
            raise error(path, other + 1, f"overlaps feature {one + 1}")
