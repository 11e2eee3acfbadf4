"""What could the unit grid of the city look like, as long as nobody has published it?

The cells are synthetic: each street of the shipped outlines is cut into pieces of equal size, four to a community where
its communities are known, nine where they are not. Run it as `python -m deploy.world.make_cells`, after `make_zones`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from intake.place.cells import CELLS_PATH, NO_COMMUNITY
from intake.zones import ZONES_PATH
from lamplight_events.divisions import load_communities

GRID_DEG = 1e-6
CELLS_OF_A_COMMUNITY = 4
CELLS_OF_A_STREET = 9
HALVINGS = 40


def make_cells() -> dict[str, object]:
    """The GeoJSON document of all cells: areas in WGS-84, every one marked `coord_source: synthetic`."""
    cells = {code: piece for zone, outline in _streets().items() for code, piece in _cells(zone, outline)}
    features = [_feature(code, outline) for code, outline in sorted(_on_grid(cells).items())]
    return {"type": "FeatureCollection", "features": features}


def _streets() -> dict[str, BaseGeometry]:
    features = json.loads(ZONES_PATH.read_text(encoding="utf-8"))["features"]
    return {each["properties"]["code"]: shapely.from_geojson(json.dumps(each["geometry"])) for each in features}


def _cells(zone: str, outline: BaseGeometry) -> Iterator[tuple[str, BaseGeometry]]:
    communities = sorted(code for code, found in load_communities().items() if found.zone_code == zone)
    if not communities:
        yield from _numbered(f"{zone}{NO_COMMUNITY}", _pieces(outline, CELLS_OF_A_STREET))
    for community, area in zip(communities, _pieces(outline, len(communities)), strict=False):
        yield from _numbered(community, _pieces(area, CELLS_OF_A_COMMUNITY))


def _numbered(prefix: str, pieces: Sequence[BaseGeometry]) -> Iterator[tuple[str, BaseGeometry]]:
    return ((f"{prefix}{number:03}", piece) for number, piece in enumerate(pieces, start=1))


def _pieces(area: BaseGeometry, count: int) -> list[BaseGeometry]:
    """So many pieces of equal size, by cutting across the longer side again and again."""
    if count < 2:
        return [area][:count]
    low, high = _cut(area, count // 2 / count)
    return [*_pieces(low, count // 2), *_pieces(high, count - count // 2)]


def _cut(area: BaseGeometry, share: float) -> tuple[BaseGeometry, BaseGeometry]:
    """The part to the west or south with this share of the size, and the rest."""
    west, south, east, north = area.bounds
    is_wide = east - west >= north - south
    near, far = (west, east) if is_wide else (south, north)
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        box = shapely.box(west, south, middle, north) if is_wide else shapely.box(west, south, east, middle)
        near, far = (middle, far) if shapely.intersection(area, box).area < share * area.area else (near, middle)
    return shapely.intersection(area, box), shapely.difference(area, box)


def _on_grid(cells: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Round all corners at once, with a corner wherever a neighbour has one: rounding alone would leave slivers."""
    codes, outlines = list(cells), list(cells.values())
    tree = shapely.STRtree(outlines)
    lines = shapely.union_all([outline.boundary for outline in outlines], grid_size=GRID_DEG)
    faces: dict[str, list[BaseGeometry]] = {code: [] for code in codes}
    for face in shapely.polygonize(shapely.get_parts(lines).tolist()).geoms:
        faces[codes[int(tree.nearest(face.representative_point()))]].append(face)
    return {code: shapely.coverage_union_all(parts) for code, parts in faces.items()}


def _feature(code: str, outline: BaseGeometry) -> dict[str, object]:
    geometry = json.loads(shapely.to_geojson(shapely.normalize(outline)))
    geometry["coordinates"] = _rounded(geometry["coordinates"])
    return {"type": "Feature", "properties": {"code": code, "coord_source": "synthetic"}, "geometry": geometry}


def _rounded(value: list[object] | float) -> list[object] | float:
    if isinstance(value, list):
        return [_rounded(part) for part in value]  # type: ignore[arg-type]
    return round(value, 6)


def main() -> None:
    text = json.dumps(make_cells(), ensure_ascii=False, separators=(",", ":"))
    one_feature_a_line = text.replace('{"type":"Feature",', '\n{"type":"Feature",')
    CELLS_PATH.write_text(one_feature_a_line + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
