"""Is the street of a point always found, and is every mistake in the outlines refused?"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from intake.zones import ZONES_PATH, ZoneMap, ZoneMapError
from lamplight_events.divisions import load_zones

FEATURES: list[dict[str, Any]] = json.loads(ZONES_PATH.read_text(encoding="utf-8"))["features"]
OUTLINES: list[BaseGeometry] = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in FEATURES]
ZONES = ZoneMap.load()


def zone_file(folder: Path, features: object) -> Path:
    path = folder / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def square(code: str, west: float, south: float) -> dict[str, Any]:
    """A feature of 0.1 by 0.1 degrees."""
    geometry = json.loads(shapely.to_geojson(shapely.box(west, south, west + 0.1, south + 0.1)))
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def test_every_street_has_an_outline_that_says_it_is_synthetic() -> None:
    assert {feature["properties"]["code"] for feature in FEATURES} == set(load_zones())
    assert {feature["properties"]["coord_source"] for feature in FEATURES} == {"synthetic"}


def test_the_shipped_outlines_neither_overlap_nor_leave_gaps() -> None:
    city = shapely.union_all(OUTLINES)

    assert shapely.coverage_is_valid(OUTLINES)
    assert city.geom_type == "Polygon"
    assert len(shapely.get_rings(city)) == 1


def test_the_shipped_file_is_small_and_no_more_precise_than_a_surveyor() -> None:
    corners = shapely.get_coordinates(OUTLINES)

    assert ZONES_PATH.stat().st_size < 300_000
    assert (corners == corners.round(6)).all()


@pytest.mark.parametrize(("code", "outline"), list(zip(ZONES.codes, OUTLINES, strict=True)))
def test_a_point_inside_a_street_is_found_there(code: str, outline: BaseGeometry) -> None:
    point = outline.representative_point()

    assert ZONES.zone_of(point.x, point.y) == code


@pytest.mark.parametrize(
    ("longitude_deg", "latitude_deg"),
    [(121.47, 31.23), (31.31, 120.62), (0.0, 0.0), (-117.16, 32.72), (500.0, 31.3), (math.nan, 31.3), (math.inf, 31.3)],
)
def test_a_point_outside_the_city_is_in_no_street(longitude_deg: float, latitude_deg: float) -> None:
    assert ZONES.zone_of(longitude_deg, latitude_deg) is None


@given(st.floats(119.9, 121.4), st.floats(30.7, 32.1))
def test_the_answer_is_that_of_asking_every_outline(longitude_deg: float, latitude_deg: float) -> None:
    point = shapely.Point(longitude_deg, latitude_deg)

    found = ZONES.zone_of(longitude_deg, latitude_deg)

    holding = [code for code, outline in zip(ZONES.codes, OUTLINES, strict=True) if outline.intersects(point)]
    assert found == min(holding, default=None)


def test_a_point_on_a_shared_border_belongs_to_the_lower_code(tmp_path: Path) -> None:
    zones = ZoneMap.load(zone_file(tmp_path, [square("320507002", 120.0, 31.0), square("320507001", 120.1, 31.0)]))

    assert zones.zone_of(120.1, 31.05) == "320507001"
    assert zones.zone_of(120.05, 31.05) == "320507002"


def test_a_street_of_two_parts_is_found_in_both(tmp_path: Path) -> None:
    two_parts = square("320507001", 120.0, 31.0)
    areas = shapely.MultiPolygon([shapely.box(120.0, 31.0, 120.1, 31.1), shapely.box(120.5, 31.0, 120.6, 31.1)])
    two_parts["geometry"] = json.loads(shapely.to_geojson(areas))

    zones = ZoneMap.load(zone_file(tmp_path, [two_parts]))

    assert zones.zone_of(120.05, 31.05) == zones.zone_of(120.55, 31.05) == "320507001"
    assert zones.zone_of(120.3, 31.05) is None


def test_a_sliver_that_rounding_leaves_between_two_outlines_is_accepted(tmp_path: Path) -> None:
    features = [square("320507001", 120.0, 31.0), square("320507002", 120.1 - 1e-8, 31.0)]

    zones = ZoneMap.load(zone_file(tmp_path, features))

    assert len(zones.codes) == 2


def unknown_street(feature: dict[str, Any]) -> None:
    feature["properties"]["code"] = "320507999"


def street_as_number(feature: dict[str, Any]) -> None:
    feature["properties"]["code"] = 320507001


def no_properties(feature: dict[str, Any]) -> None:
    feature["properties"] = None


def seen_before(feature: dict[str, Any]) -> None:
    feature["properties"]["code"] = FEATURES[0]["properties"]["code"]


def overlapping(feature: dict[str, Any]) -> None:
    feature["geometry"] = FEATURES[0]["geometry"]


def a_point(feature: dict[str, Any]) -> None:
    feature["geometry"] = {"type": "Point", "coordinates": [120.6, 31.3]}


def no_geometry(feature: dict[str, Any]) -> None:
    feature["geometry"] = None


def an_empty_area(feature: dict[str, Any]) -> None:
    feature["geometry"] = {"type": "Polygon", "coordinates": []}


def a_bow_tie(feature: dict[str, Any]) -> None:
    feature["geometry"] = {
        "type": "Polygon",
        "coordinates": [[[119.0, 31.0], [119.1, 31.1], [119.1, 31.0], [119.0, 31.1], [119.0, 31.0]]],
    }


def in_metres(feature: dict[str, Any]) -> None:
    feature["geometry"] = json.loads(shapely.to_geojson(shapely.box(13_000_000, 3_000_000, 13_000_100, 3_000_100)))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (unknown_street, "'320507999' is not a known street"),
        (street_as_number, "320507001 is not a known street"),
        (no_properties, "None is not a known street"),
        (seen_before, "is already there"),
        (overlapping, "overlaps feature 1"),
        (a_point, "neither of Polygon"),
        (no_geometry, "geometry"),
        (an_empty_area, "neither of Polygon"),
        (a_bow_tie, "Self-intersection"),
        (in_metres, "outside the globe"),
    ],
)
def test_a_mistake_is_refused_with_the_number_of_its_feature(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None], reason: str
) -> None:
    features = copy.deepcopy(FEATURES)
    spoil(features[4])

    with pytest.raises(ZoneMapError, match=reason) as refusal:
        ZoneMap.load(zone_file(tmp_path, features))

    assert refusal.value.feature == 5


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"features": []}', '{"features": {}}', '{"features": 5}'])
def test_a_file_without_features_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "zones.geojson"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ZoneMapError, match="feature 0"):
        ZoneMap.load(path)


@pytest.mark.parametrize("feature", [None, 5, [], "street"])
def test_a_feature_that_is_no_object_is_refused(tmp_path: Path, feature: object) -> None:
    with pytest.raises(ZoneMapError, match="feature 1"):
        ZoneMap.load(zone_file(tmp_path, [feature]))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZoneMapError, match="cannot be read"):
        ZoneMap.load(tmp_path / "nowhere.geojson")
