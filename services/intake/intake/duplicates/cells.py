"""In which cells of the search index does a report lie, and which must be read to find everything near it?"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, floor, radians
from typing import Final

from intake.duplicates.likeness import M_PER_DEG

CELL_DEG: Final = 0.002
"""About 220 m of latitude: a search of 160 m reads 4 to 9 cells in a city below 60 degrees."""

_COLUMNS: Final = round(360 / CELL_DEG)
_LEAST_COS: Final = 0.01


def cell_of(longitude_deg: float, latitude_deg: float) -> int:
    """The number of a point's cell; it fits a 64-bit integer."""
    return _row(latitude_deg) * _COLUMNS + _column(longitude_deg) % _COLUMNS


def cells_around(longitude_deg: float, latitude_deg: float, *, distance_m: float) -> Sequence[int]:
    """All cells that a circle touches, each once, in rising order."""
    high_deg = distance_m / M_PER_DEG
    wide_deg = high_deg / max(cos(radians(latitude_deg)), _LEAST_COS)
    rows = range(_row(latitude_deg - high_deg), _row(latitude_deg + high_deg) + 1)
    columns = range(_column(longitude_deg - wide_deg), _column(longitude_deg + wide_deg) + 1)
    return sorted({row * _COLUMNS + column % _COLUMNS for row in rows for column in columns})


def _row(latitude_deg: float) -> int:
    return floor((latitude_deg + 90) / CELL_DEG)


def _column(longitude_deg: float) -> int:
    return floor((longitude_deg + 180) / CELL_DEG)
