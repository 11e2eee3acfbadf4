"""Which kinds of columns do the tables of the matching engine have, and what may stand in them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Ids = NDArray[Any]
"""Whole numbers or texts; one kind per table."""

COORDINATE_LIMITS = {"lon": 180.0, "lat": 90.0}


def check_lengths(columns: Mapping[str, NDArray[np.generic]], rows: int) -> None:
    """Refuse a table whose columns differ in length.

    Raises:
        ValueError: names the column and both lengths.
    """
    for name, column in columns.items():
        if column.shape != (rows,):
            raise ValueError(f"{name}: {column.shape} values, the table has {rows} rows")


def check_coordinates(lon: Floats, lat: Floats) -> None:
    """Refuse points that are not on the globe: NaN, infinite, or beyond 180 and 90 degrees.

    Raises:
        ValueError: names the field and the first row.
    """
    for name, column in (("lon", lon), ("lat", lat)):
        limit = COORDINATE_LIMITS[name]
        good = np.abs(column) <= limit
        if not good.all():
            bad = np.flatnonzero(~good)
            raise ValueError(f"{name}: {column[bad[0]]} in row {bad[0]} is not within -{limit:g}..{limit:g}")


def check_at_least(name: str, column: Floats | Ints, floor: float) -> None:
    """Refuse a column with NaN or a value under `floor`.

    Raises:
        ValueError: names the field and the first row.
    """
    good = column >= floor
    if not good.all():
        bad = np.flatnonzero(~good)
        raise ValueError(f"{name}: {column[bad[0]]} in row {bad[0]} is under {floor:g}")


def check_unique(ids: Ids) -> None:
    """Refuse two rows with one id.

    Raises:
        ValueError: names the first id that stands twice.
    """
    ordered = ids if np.all(ids[1:] > ids[:-1]) else np.sort(ids)
    twice = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(twice):
        raise ValueError(f"ids: {ordered[twice[0]]} stands twice")
