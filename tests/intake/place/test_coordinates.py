"""Is every coordinate system brought to WGS-84, as those who published points say, and there and back again?"""

from __future__ import annotations

import math
from time import perf_counter

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.place.coordinates import MERCATOR_LIMIT_M, CoordSys, Degrees, gcj02_to_bd09, to_wgs84, wgs84_to_gcj02
from lamplight_chassis.errors import Rejected

# WGS-84, GCJ-02, source.
PUBLISHED_GCJ02 = [
    ((120.0, 40.0), (120.00567568355486, 40.0013047896019), "coord-convert README"),
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597), "eviltransform test suite, Shanghai"),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766), "eviltransform test suite, Shenzhen"),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069), "eviltransform test suite, Beijing"),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164), "coordtransform (wandergis) README"),
    ((-104.9903, 39.7392), (-104.9903, 39.7392), "eviltransform Matlab tests, Denver"),
    ((153.0251, -27.4698), (153.0251, -27.4698), "eviltransform Matlab tests, Brisbane"),
    ((-43.1729, -22.9068), (-43.1729, -22.9068), "eviltransform Matlab tests, Rio de Janeiro"),
]
PUBLISHED_BD09: tuple[Degrees, Degrees] = ((116.404, 39.915), (116.41036949371029, 39.92133699351021))
"""GCJ-02 and BD-09, coordtransform (wandergis) README."""

DEGREES_IN_CHINA = st.tuples(st.floats(73.0, 135.0), st.floats(3.0, 54.0))
OUTSIDE = [(2.35, 48.86), (0.0, 0.0), (-117.16, 32.72), (151.2, -33.9), (180.0, 90.0), (-180.0, -90.0)]


def metres_between(first: Degrees, second: Degrees) -> float:
    shrink = math.cos(math.radians(first[1]))
    return 111_195.0 * math.hypot((first[0] - second[0]) * shrink, first[1] - second[1])


@pytest.mark.parametrize(("wgs84", "gcj02", "source"), PUBLISHED_GCJ02)
def test_a_published_point_is_found_in_gcj02(wgs84: Degrees, gcj02: Degrees, source: str) -> None:
    found = wgs84_to_gcj02(*wgs84)

    assert found == pytest.approx(gcj02, abs=1e-9), source


@pytest.mark.parametrize(("wgs84", "gcj02", "source"), PUBLISHED_GCJ02)
def test_a_published_point_is_found_back_from_gcj02(wgs84: Degrees, gcj02: Degrees, source: str) -> None:
    found = to_wgs84(*gcj02, CoordSys.GCJ02)

    assert metres_between(found, wgs84) < 0.1, source


def test_a_published_point_is_found_in_bd09_and_back() -> None:
    gcj02, bd09 = PUBLISHED_BD09

    assert gcj02_to_bd09(*gcj02) == pytest.approx(bd09, abs=1e-9)
    assert metres_between(wgs84_to_gcj02(*to_wgs84(*bd09, CoordSys.BD09)), gcj02) < 0.1


@given(DEGREES_IN_CHINA)
def test_the_way_back_from_gcj02_ends_within_ten_centimetres(point: Degrees) -> None:
    found = to_wgs84(*wgs84_to_gcj02(*point), CoordSys.GCJ02)

    assert metres_between(found, point) < 0.1


@given(DEGREES_IN_CHINA)
def test_the_way_back_from_bd09_ends_within_ten_centimetres(point: Degrees) -> None:
    found = to_wgs84(*gcj02_to_bd09(*wgs84_to_gcj02(*point)), CoordSys.BD09)

    assert metres_between(found, point) < 0.1


@given(DEGREES_IN_CHINA)
def test_gcj02_lies_less_than_a_kilometre_and_a_half_away(point: Degrees) -> None:
    assert metres_between(wgs84_to_gcj02(*point), point) < 1_500


@pytest.mark.parametrize("point", OUTSIDE)
def test_outside_china_gcj02_is_wgs84(point: Degrees) -> None:
    assert wgs84_to_gcj02(*point) == point
    assert to_wgs84(*point, CoordSys.GCJ02) == point


@pytest.mark.parametrize("coord_sys", [CoordSys.WGS84, CoordSys.CGCS2000])
@given(point=DEGREES_IN_CHINA)
def test_wgs84_and_cgcs2000_are_taken_as_they_are(coord_sys: CoordSys, point: Degrees) -> None:
    assert to_wgs84(*point, coord_sys) == point


def test_cgcs2000_is_wgs84_for_the_projection_library_too() -> None:
    transformer = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4326", always_xy=True)

    assert transformer.transform(120.63, 31.44) == pytest.approx(to_wgs84(120.63, 31.44, CoordSys.CGCS2000), abs=1e-9)


@pytest.mark.parametrize("point", [(120.63, 31.44), (-117.16, 32.72), (0.0, 0.0), (179.9, -84.9)])
def test_web_mercator_agrees_with_the_projection_library(point: Degrees) -> None:
    metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(*point)

    assert to_wgs84(*metres, CoordSys.WEB_MERCATOR) == pytest.approx(point, abs=1e-9)


@pytest.mark.parametrize("coord_sys", list(CoordSys))
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e300, -1e300, 2e7 + 1e5])
@pytest.mark.parametrize("field", ["longitude", "latitude"])
def test_a_number_that_is_not_on_the_globe_is_refused_with_its_field(
    coord_sys: CoordSys, number: float, field: str
) -> None:
    point = (number, 31.0) if field == "longitude" else (120.0, number)

    with pytest.raises(Rejected, match=f"^impossible_coordinates: {field}: ") as refusal:
        to_wgs84(*point, coord_sys)

    assert "finite" in refusal.value.detail or "between" in refusal.value.detail


@pytest.mark.parametrize(
    ("point", "coord_sys"),
    [
        ((180.1, 31.0), CoordSys.WGS84),
        ((120.0, 90.1), CoordSys.GCJ02),
        ((-180.1, 31.0), CoordSys.BD09),
        ((120.0, -90.1), CoordSys.CGCS2000),
        ((MERCATOR_LIMIT_M * 1.001, 0.0), CoordSys.WEB_MERCATOR),
    ],
)
def test_the_limit_is_named(point: Degrees, coord_sys: CoordSys) -> None:
    with pytest.raises(Rejected, match=r"is not between -(180|90|20037508\.34) and (180|90|20037508\.34)"):
        to_wgs84(*point, coord_sys)


@pytest.mark.parametrize("coord_sys", list(CoordSys))
def test_a_conversion_costs_next_to_nothing(coord_sys: CoordSys) -> None:
    times_s = []
    for _ in range(7):
        began = perf_counter()
        for _ in range(2_000):
            to_wgs84(120.63, 31.44, coord_sys)
        times_s.append((perf_counter() - began) / 2_000)

    assert min(times_s) < 20e-6, "5 microseconds on a quiet machine, with room for a busy one"
