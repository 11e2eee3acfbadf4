"""How does one measure become points, so that a person can read the table and see why?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Shape:
    """Straight lines from knot to knot, level before the first and after the last.

    Raises:
        ValueError: fewer than two knots, as many points as knots missing, or knots that do not rise.
    """

    knots: Sequence[float]
    points: Sequence[float]

    def __post_init__(self) -> None:
        if len(self.knots) < 2 or len(self.knots) != len(self.points):
            raise ValueError(f"needs as many points as knots and two at least, not {len(self.points)}")
        if any(right <= left for left, right in pairwise(self.knots)):
            raise ValueError("knots must rise")

    def at(self, measure: float) -> float:
        """The points for a measure."""
        if measure <= self.knots[0]:
            return self.points[0]
        if measure >= self.knots[-1]:
            return self.points[-1]
        right = bisect_right(self.knots, measure)
        left_knot, left = self.knots[right - 1], self.points[right - 1]
        share = (measure - left_knot) / (self.knots[right] - left_knot)
        return left + share * (self.points[right] - left)

    def falls(self) -> bool:
        """Whether more of the measure never means more points."""
        return all(left >= right for left, right in pairwise(self.points))

    def rises(self) -> bool:
        """Whether more of the measure never means fewer points."""
        return all(left <= right for left, right in pairwise(self.points))
