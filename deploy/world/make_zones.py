"""What could the city's 118 streets look like, as long as nobody has trustworthy outlines of them?

The outlines are synthetic: districts are the areas nearest to a few points in each, streets divide a district evenly
from a fixed seed. Neighbours share their corners, so that every point of the city lies in one street. Run it as
`python -m deploy.world.make_zones`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence

import shapely
from shapely import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from intake.zones import ZONES_PATH
from lamplight_events.divisions import load_zones

SEED = 320500
ROUNDS = 12
"""How often the points of a district's streets move to the middle of their cells; more gives more even streets."""
GRID_DEG = 1e-6

Degrees = tuple[float, float]
"""Longitude and latitude."""

CITY_OUTLINE: Sequence[Degrees] = (
    (120.00, 31.15), (120.05, 31.02), (120.20, 30.93), (120.40, 30.86), (120.60, 30.78), (120.75, 30.86),
    (120.90, 30.95), (120.92, 31.05), (121.02, 31.10), (121.10, 31.22), (121.20, 31.28), (121.32, 31.42),
    (121.30, 31.52), (121.18, 31.65), (121.02, 31.78), (120.92, 31.86), (120.80, 31.98), (120.62, 32.02),
    (120.42, 32.00), (120.36, 31.92), (120.45, 31.78), (120.52, 31.68), (120.56, 31.58), (120.46, 31.54),
    (120.36, 31.50), (120.32, 31.42), (120.30, 31.33), (120.15, 31.28),
)  # fmt: skip

DISTRICT_POINTS: Mapping[str, Sequence[Degrees]] = {
    "320505": ((120.36, 31.35), (120.45, 31.36), (120.47, 31.31), (120.52, 31.32)),
    "320506": (
        (120.10, 31.12),
        (120.25, 31.13),
        (120.36, 31.22),
        (120.50, 31.21),
        (120.62, 31.22),
        (120.74, 31.20),
        (120.84, 31.25),
    ),
    "320507": ((120.42, 31.45), (120.52, 31.44), (120.62, 31.42), (120.70, 31.42), (120.78, 31.43), (120.65, 31.49)),
    "320508": ((120.56, 31.33), (120.60, 31.29), (120.60, 31.34), (120.64, 31.31)),
    "320509": ((120.45, 30.93), (120.60, 30.88), (120.62, 31.02), (120.66, 31.12), (120.80, 31.00), (120.82, 31.12)),
    "320576": ((120.70, 31.27), (120.71, 31.32), (120.79, 31.34)),
    "320581": ((120.65, 31.63), (120.72, 31.58), (120.78, 31.68), (120.85, 31.76), (120.90, 31.60)),
    "320582": ((120.42, 31.93), (120.50, 31.83), (120.60, 31.92), (120.66, 31.80), (120.75, 31.88)),
    "320583": ((120.90, 31.40), (120.93, 31.22), (120.96, 31.12), (121.03, 31.38), (121.07, 31.28)),
    "320585": ((121.06, 31.56), (121.08, 31.68), (121.17, 31.42), (121.20, 31.55)),
}

STREET_HINTS: Mapping[str, Degrees] = {
    "320507001": (120.62, 31.40), "320507002": (120.70, 31.46), "320507003": (120.58, 31.40),
    "320507004": (120.60, 31.51), "320507005": (120.64, 31.43), "320507006": (120.59, 31.46),
    "320507007": (120.68, 31.42), "320507100": (120.40, 31.45), "320507102": (120.52, 31.45),
    "320507105": (120.65, 31.48), "320507109": (120.74, 31.49), "320507401": (120.79, 31.43),
    "320507402": (120.66, 31.45), "320508017": (120.56, 31.35), "320508018": (120.64, 31.33),
    "320508019": (120.59, 31.31), "320508020": (120.61, 31.29), "320508021": (120.65, 31.30),
    "320508022": (120.57, 31.33), "320508023": (120.61, 31.35), "320508024": (120.61, 31.27),
}  # fmt: skip


def make_zones() -> dict[str, object]:
    """The GeoJSON document of all streets: polygons in WGS-84, every one marked `coord_source: synthetic`."""
    streets: dict[str, BaseGeometry] = {}
    for district_code, district in _districts().items():
        codes = [zone.code for zone in load_zones().values() if zone.district_code == district_code]
        streets.update(_divide(district, codes))
    features = [_feature(code, outline) for code, outline in sorted(_on_grid(streets).items())]
    return {"type": "FeatureCollection", "features": features}


def _districts() -> dict[str, BaseGeometry]:
    owners = {point: code for code, points in DISTRICT_POINTS.items() for point in points}
    outlines: dict[str, list[BaseGeometry]] = {code: [] for code in DISTRICT_POINTS}
    for point, cell in _cells(list(owners), Polygon(CITY_OUTLINE)):
        outlines[owners[point]].append(cell)
    return {code: shapely.union_all(cells) for code, cells in outlines.items()}


def _divide(district: BaseGeometry, codes: Sequence[str]) -> dict[str, BaseGeometry]:
    """Lloyd's method: cut, move every point to the middle of its piece, and cut again."""
    dice = random.Random(SEED + int(codes[0]))
    points = [STREET_HINTS.get(code) or _point_in(district, dice) for code in codes]
    for _ in range(ROUNDS):
        centroids = [cell.centroid for _, cell in _cells(points, district)]
        points = [(centroid.x, centroid.y) for centroid in centroids]
    cells = dict(_cells(points, district))
    return {code: cells[point] for code, point in zip(codes, points, strict=True)}


def _cells(points: Sequence[Degrees], outline: BaseGeometry) -> Iterable[tuple[Degrees, BaseGeometry]]:
    """Each point with the part of the outline that is nearer to it than to any other point."""
    cells = shapely.voronoi_polygons(MultiPoint(list(points)), extend_to=outline, ordered=True)
    for point, cell in zip(points, cells.geoms, strict=True):
        yield point, shapely.intersection(cell, outline)


def _point_in(outline: BaseGeometry, dice: random.Random) -> Degrees:
    west, south, east, north = outline.bounds
    while True:
        point = dice.uniform(west, east), dice.uniform(south, north)
        if outline.contains(Point(point)):
            return point


def _on_grid(streets: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Round all corners at once, with a corner wherever a neighbour has one: rounding alone would leave slivers."""
    lines = shapely.union_all([outline.boundary for outline in streets.values()], grid_size=GRID_DEG)
    faces: dict[str, list[BaseGeometry]] = {code: [] for code in streets}
    for face in shapely.polygonize(shapely.get_parts(lines).tolist()).geoms:
        inside = face.representative_point()
        faces[min(streets, key=lambda code: streets[code].distance(inside))].append(face)
    return {code: shapely.coverage_union_all(parts) for code, parts in faces.items()}


def _feature(code: str, outline: BaseGeometry) -> dict[str, object]:
    geometry = json.loads(shapely.to_geojson(shapely.normalize(outline)))
    geometry["coordinates"] = _rounded(geometry["coordinates"])
    properties = {"code": code, "name_zh": load_zones()[code].name_zh, "coord_source": "synthetic"}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _rounded(value: list[object] | float) -> list[object] | float:
    if isinstance(value, list):
        return [_rounded(part) for part in value]  # type: ignore[arg-type]
    return round(value, 6)


def main() -> None:
    text = json.dumps(make_zones(), ensure_ascii=False, separators=(",", ":"))
    one_feature_a_line = text.replace('{"type":"Feature",', '\n{"type":"Feature",')
    ZONES_PATH.write_text(one_feature_a_line + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
