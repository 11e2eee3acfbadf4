"""How far apart are two points of one city, in metres?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dispatch.matching.columns import Floats

METRES_PER_DEGREE = 111_195.0
"""Of a great circle on a sphere with the earth's mean radius of 6,371 km."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat map around one latitude: within a city it is right to a tenth of a percent."""

    centre_lat: float

    def metres(self, lon: Floats, lat: Floats) -> Floats:
        """Points in degrees as rows of (east, north) metres."""
        east = METRES_PER_DEGREE * math.cos(math.radians(self.centre_lat))
        return np.column_stack((lon * east, lat * METRES_PER_DEGREE))


def plane_of(lat: Floats) -> Plane:
    """The flat map for points at these latitudes; any map will do when there are none."""
    return Plane(round(float(np.mean(lat)), 1) if len(lat) else 0.0)
