"""Which earlier reports lie near a point? A grid in memory: what the store's index does over a million rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from heapq import nsmallest
from math import cos, floor, radians

from intake.duplicates.clues import Clue
from intake.duplicates.likeness import M_PER_DEG, distance_m


class Nearby:
    """Reports by cell; the cells are as wide as the search."""

    def __init__(self, *, distance_m: float, gap: timedelta, latitude_deg: float) -> None:
        self._distance_m = distance_m
        self._gap = gap
        self._high_deg = distance_m / M_PER_DEG
        self._wide_deg = self._high_deg / cos(radians(latitude_deg))
        self._cells: defaultdict[tuple[int, int], list[Clue]] = defaultdict(list)

    def add(self, clue: Clue) -> None:
        """Keep a report."""
        self._cells[self._cell(clue)].append(clue)

    def near(self, clue: Clue, limit: int, wanted: Callable[[Clue], bool] = lambda other: True) -> list[Clue]:
        """The nearest ones of those wanted, within distance and time."""
        around = filter(wanted, self._around(clue))
        return nsmallest(limit, around, key=lambda other: distance_m(clue, other))

    def _around(self, clue: Clue) -> Iterator[Clue]:
        column, row = self._cell(clue)
        cells = [(column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
        for other in (each for cell in cells for each in self._cells.get(cell, ())):
            if clue.at - other.at <= self._gap and distance_m(clue, other) <= self._distance_m:
                yield other

    def _cell(self, clue: Clue) -> tuple[int, int]:
        return floor(clue.longitude_deg / self._wide_deg), floor(clue.latitude_deg / self._high_deg)
