"""Where on the globe is a point that is told in one of the coordinate systems in use in China?

GCJ-02 is the offset that maps in China must carry, BD-09 is Baidu's further offset on it; neither is published, the
formulas are those that every open implementation shares (eviltransform, coordtransform). CGCS2000 differs from WGS-84
by centimetres. Web Mercator is metres (EPSG:3857), seen in imports only.
"""

from __future__ import annotations

from enum import StrEnum
from math import atan, atan2, cos, degrees, exp, hypot, isfinite, pi, sin, sqrt
from typing import Final

from lamplight_chassis.errors import Rejected

Degrees = tuple[float, float]
"""Longitude and latitude."""

# Krassovsky 1940, on which the offset is laid.
_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY2: Final = 0.00669342162296594323
_METRES_TO_EAST: Final = 180.0 / (_AXIS_M * pi)
_METRES_TO_NORTH: Final = 180.0 / (_AXIS_M * (1 - _ECCENTRICITY2) * pi)

_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""Outside this box, which is larger than China, GCJ-02 is WGS-84."""

_BD_TURN: Final = pi * 3000.0 / 180.0
_BD_EAST, _BD_NORTH = 0.0065, 0.006

_RADIANS: Final = pi / 180.0

_MERCATOR_RADIUS_M: Final = 6_378_137.0
MERCATOR_LIMIT_M: Final = pi * _MERCATOR_RADIUS_M


class CoordSys(StrEnum):
    """The system that a point is told in; only WGS-84 is stored."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"
    WEB_MERCATOR = "web_mercator"


def to_wgs84(longitude: float, latitude: float, coord_sys: CoordSys) -> Degrees:
    """Longitude and latitude in WGS-84 of a point in degrees, or in metres for Web Mercator.

    The way back from GCJ-02 and BD-09 has no closed form; it is iterated to a few centimetres.

    Raises:
        Rejected: a number that is not finite or not on the globe; the field and its limit are named.
    """
    if coord_sys is CoordSys.WEB_MERCATOR:
        return _from_mercator(
            _within("longitude", longitude, MERCATOR_LIMIT_M), _within("latitude", latitude, MERCATOR_LIMIT_M)
        )
    if not (-180.0 <= longitude <= 180.0 and -90.0 <= latitude <= 90.0):
        _within("longitude", longitude, 180.0)
        _within("latitude", latitude, 90.0)
    if coord_sys is CoordSys.GCJ02:
        return _from_gcj02(longitude, latitude)
    if coord_sys is CoordSys.BD09:
        return _from_gcj02(*_bd09_to_gcj02(longitude, latitude))
    return longitude, latitude


def wgs84_to_gcj02(longitude: float, latitude: float) -> Degrees:
    """What a map in China shows for a WGS-84 point."""
    if not _is_offset(longitude, latitude):
        return longitude, latitude
    east, north = _offset(longitude, latitude)
    return longitude + east, latitude + north


def gcj02_to_bd09(longitude: float, latitude: float) -> Degrees:
    """What a Baidu map shows for a GCJ-02 point."""
    length = hypot(longitude, latitude) + 2e-5 * sin(latitude * _BD_TURN)
    angle = atan2(latitude, longitude) + 3e-6 * cos(longitude * _BD_TURN)
    return length * cos(angle) + _BD_EAST, length * sin(angle) + _BD_NORTH


def _from_gcj02(longitude: float, latitude: float) -> Degrees:
    """The offset changes by less than 0.5 % of the way, so each round leaves 1/200 of the error: 600 m, 3 m, 2 cm."""
    if not _is_offset(longitude, latitude):
        return longitude, latitude
    east, north = _offset(longitude, latitude)
    east, north = _offset(longitude - east, latitude - north)
    return longitude - east, latitude - north


def _bd09_to_gcj02(longitude: float, latitude: float) -> Degrees:
    """The waves of the offset are read at the point itself after a first guess, which is wrong by less than a metre."""
    x, y = longitude - _BD_EAST, latitude - _BD_NORTH
    length, angle = hypot(x, y), atan2(y, x)
    for _ in range(2):
        found = length - 2e-5 * sin(y * _BD_TURN)
        turned = angle - 3e-6 * cos(x * _BD_TURN)
        x, y = found * cos(turned), found * sin(turned)
    return x, y


def _is_offset(longitude: float, latitude: float) -> bool:
    return _WEST <= longitude <= _EAST and _SOUTH <= latitude <= _NORTH


def _offset(longitude: float, latitude: float) -> Degrees:
    """By how many degrees GCJ-02 lies east and north of a WGS-84 point."""
    x, y = longitude - 105.0, latitude - 35.0
    px, py, root = x * pi, y * pi, sqrt(abs(x))
    # The sine of the threefold angle is s (3 - 4 s s): three waves of the published formula need no sine of their own.
    twice, third_x, third_y = sin(2.0 * px), sin(px / 3.0), sin(py / 3.0)
    shared = twice * (80.0 - 80.0 * twice * twice) + 0.15 * x * y
    waves_y = third_y * (100.0 - 80.0 * third_y * third_y) + 160.0 * sin(py / 12.0) + 320.0 * sin(py / 30.0)
    waves_x = third_x * (100.0 - 80.0 * third_x * third_x) + 150.0 * sin(px / 12.0) + 300.0 * sin(px / 30.0)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.2 * root + (shared + waves_y) / 1.5
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * root + (shared + waves_x) / 1.5
    wave = sin(latitude * _RADIANS)
    magic = 1.0 - _ECCENTRICITY2 * wave * wave
    short = sqrt(magic)
    return east_m * _METRES_TO_EAST * short / sqrt(1.0 - wave * wave), north_m * _METRES_TO_NORTH * magic * short


def _from_mercator(x_m: float, y_m: float) -> Degrees:
    latitude = 2.0 * atan(exp(y_m / _MERCATOR_RADIUS_M)) - pi / 2.0
    return degrees(x_m / _MERCATOR_RADIUS_M), degrees(latitude)


def _within(field: str, value: float, limit: float) -> float:
    if not isfinite(value):
        raise Rejected("impossible_coordinates", f"{field}: {value} is not a finite number")
    if not -limit <= value <= limit:
        raise Rejected("impossible_coordinates", f"{field}: {value} is not between {-limit:.10g} and {limit:.10g}")
    return value
