"""Is the cell of a point always found, does its code say where it is, and is every mistake in the cells refused?"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from intake.place.cells import CELLS_PATH, CellMap, CellMapError, check_cell, read_cell, zone_of_cell
from intake.zones import ZoneMap
from lamplight_chassis.errors import Rejected
from lamplight_events.divisions import load_communities, load_zones

FEATURES: list[dict[str, Any]] = json.loads(CELLS_PATH.read_text(encoding="utf-8"))["features"]
CELLS = CellMap.load()
ZONES = ZoneMap.load()
KNOWN, UNKNOWN = "320507001002001", "320505001000001"
"""A cell in a street whose communities are in the table, and one in a street of which none is."""


def cell_file(folder: Path, features: object) -> Path:
    path = folder / "cells.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def square(code: str, west: float, south: float) -> dict[str, Any]:
    """A feature of 0.01 by 0.01 degrees."""
    geometry = json.loads(shapely.to_geojson(shapely.box(west, south, west + 0.01, south + 0.01)))
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def test_every_cell_says_that_it_is_synthetic() -> None:
    assert {feature["properties"]["coord_source"] for feature in FEATURES} == {"synthetic"}


def test_every_street_and_every_known_community_has_cells() -> None:
    assert {zone_of_cell(code) for code in CELLS.codes} == set(load_zones())
    assert set(load_communities()) <= {code[:12] for code in CELLS.codes}


def test_the_shipped_file_is_small() -> None:
    assert CELLS_PATH.stat().st_size < 600_000


@given(st.floats(119.9, 121.4), st.floats(30.7, 32.1))
def test_a_point_has_a_cell_where_it_has_a_street_and_it_is_in_that_street(
    longitude_deg: float, latitude_deg: float
) -> None:
    zone = ZONES.zone_of(longitude_deg, latitude_deg)

    cell = CELLS.cell_of(longitude_deg, latitude_deg)

    on_a_border = shapely.Point(longitude_deg, latitude_deg).buffer(2e-6)
    near = {ZONES.zone_of(*corner) for corner in shapely.get_coordinates(on_a_border).tolist()}
    assert (cell and zone_of_cell(cell)) in {zone, *near}


@pytest.mark.parametrize(("longitude_deg", "latitude_deg"), [(0.0, 0.0), (float("nan"), 31.0), (500.0, 31.0)])
def test_a_point_outside_is_in_no_cell(longitude_deg: float, latitude_deg: float) -> None:
    assert CELLS.cell_of(longitude_deg, latitude_deg) is None


def test_a_point_on_a_shared_border_belongs_to_the_lower_code(tmp_path: Path) -> None:
    cells = CellMap.load(
        cell_file(tmp_path, [square("320507001002002", 120.0, 31.0), square("320507001002001", 120.01, 31.0)])
    )

    assert cells.cell_of(120.01, 31.005) == "320507001002001"
    assert cells.cell_of(120.005, 31.005) == "320507001002002"


def test_the_nearest_cell_of_a_point_outside_is_told_with_its_distance(tmp_path: Path) -> None:
    cells = CellMap.load(cell_file(tmp_path, [square(KNOWN, 120.0, 31.0), square(UNKNOWN, 121.0, 31.0)]))

    code, away_km = cells.nearest(119.9, 31.005)

    assert code == KNOWN
    assert away_km == pytest.approx(9.53, abs=0.02)


def test_a_lookup_takes_some_microseconds() -> None:
    dice = random.Random(7)
    points = [(dice.uniform(120.0, 121.3), dice.uniform(30.8, 32.0)) for _ in range(2_000)]
    times_s = []
    for _ in range(5):
        began = perf_counter()
        for point in points:
            CELLS.cell_of(*point)
        times_s.append((perf_counter() - began) / len(points))

    assert min(times_s) < 60e-6, "20 microseconds on a quiet machine, with room for a busy one"


@pytest.mark.parametrize("code", [KNOWN, UNKNOWN, "320507003206999"])
def test_a_possible_code_is_taken(code: str) -> None:
    assert check_cell(code) == code


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "not 15 digits"),
        ("32050700100200", "not 15 digits"),
        ("3205070010020011", "not 15 digits"),
        ("32050700100200A", "not 15 digits"),
        ("３２０５０７００１００２００１", "not 15 digits"),
        ("320507999001001", "not a known street"),
        ("320507001999001", "not a known community"),
        ("320507001000001", "has no community"),
        ("320505001001001", "not a known community"),
        ("320507001002000", "sequence is 001 to 999"),
    ],
)
def test_an_impossible_code_is_refused_and_says_why(code: str, reason: str) -> None:
    with pytest.raises(Rejected, match=f"^impossible_cell: cell: .*{reason}"):
        check_cell(code)


def test_a_code_of_the_older_standard_gets_its_third_digit_and_is_kept_as_it_came() -> None:
    cell = read_cell("32050700100201")

    assert (cell.code, cell.raw) == ("320507001002001", "32050700100201")


def test_a_code_of_the_newer_standard_is_read_as_it_is() -> None:
    assert read_cell(KNOWN).code == KNOWN


def unknown_street(feature: dict[str, Any]) -> None:
    feature["properties"]["code"] = "320507999001001"


def code_as_number(feature: dict[str, Any]) -> None:
    feature["properties"]["code"] = 320507001002001


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


def a_bow_tie(feature: dict[str, Any]) -> None:
    ring = [[119.0, 31.0], [119.1, 31.1], [119.1, 31.0], [119.0, 31.1], [119.0, 31.0]]
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}


def in_metres(feature: dict[str, Any]) -> None:
    feature["geometry"] = json.loads(shapely.to_geojson(shapely.box(13_000_000, 3_000_000, 13_000_100, 3_000_100)))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (unknown_street, "not a known street"),
        (code_as_number, "not a text of 15 digits"),
        (no_properties, "not a text of 15 digits"),
        (seen_before, "is already there"),
        (overlapping, "overlaps feature 1"),
        (a_point, "neither of Polygon"),
        (no_geometry, "geometry"),
        (a_bow_tie, "Self-intersection"),
        (in_metres, "outside the globe"),
    ],
)
def test_a_mistake_is_refused_with_the_number_of_its_feature(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None], reason: str
) -> None:
    features = copy.deepcopy(FEATURES[:9])
    spoil(features[4])

    with pytest.raises(CellMapError, match=reason) as refusal:
        CellMap.load(cell_file(tmp_path, features))

    assert refusal.value.feature == 5


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"features": []}', '{"features": 5}'])
def test_a_file_without_features_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cells.geojson"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CellMapError, match="feature 0"):
        CellMap.load(path)


@pytest.mark.parametrize("feature", [None, 5, [], "cell"])
def test_a_feature_that_is_no_object_is_refused(tmp_path: Path, feature: object) -> None:
    with pytest.raises(CellMapError, match="feature 1"):
        CellMap.load(cell_file(tmp_path, [feature]))
