"""Do the cells that are read hold everything near?"""

from __future__ import annotations

from math import cos, radians

from hypothesis import given
from hypothesis import strategies as st

from intake.duplicates.cells import cell_of, cells_around
from intake.duplicates.likeness import M_PER_DEG

NEAR_M = 160.0


@given(st.floats(-180, 180), st.floats(-70, 70), st.floats(-1, 1), st.floats(-1, 1))
def test_whatever_is_near_lies_in_a_cell_that_is_read(
    longitude_deg: float, latitude_deg: float, east: float, north: float
) -> None:
    wide_deg = NEAR_M / M_PER_DEG / cos(radians(latitude_deg))
    other = (longitude_deg + 0.99 * east * wide_deg, latitude_deg + 0.99 * north * NEAR_M / M_PER_DEG)
    assert cell_of(*other) in cells_around(longitude_deg, latitude_deg, distance_m=NEAR_M)


def test_few_cells_are_read() -> None:
    assert len(cells_around(120.631, 31.445, distance_m=NEAR_M)) <= 9
