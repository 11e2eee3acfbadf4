"""How far apart are two points of a city, and where is the point that lies some metres away?

The city is taken as flat, which is wrong by less than one part in a thousand over 50 km.
"""

from __future__ import annotations

import math

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km radius."""

Degrees = tuple[float, float]
"""Longitude and latitude, WGS-84."""


def metres_between(first: Degrees, second: Degrees) -> float:
    """The distance of two points, in metres."""
    east_deg, north_deg = second[0] - first[0], second[1] - first[1]
    return METRES_PER_DEGREE * math.hypot(east_deg * _shrink(first), north_deg)


def shifted(point: Degrees, *, east_m: float, north_m: float) -> Degrees:
    """The point that lies so many metres to the east and north, to 6 decimals."""
    longitude = point[0] + east_m / (METRES_PER_DEGREE * _shrink(point))
    latitude = point[1] + north_m / METRES_PER_DEGREE
    return round(longitude, 6), round(latitude, 6)


def _shrink(point: Degrees) -> float:
    """A degree of longitude in degrees of latitude."""
    return math.cos(math.radians(point[1]))
