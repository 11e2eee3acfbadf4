"""What do many measured times say, in a handful of figures?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

MISSING_MS = math.inf
"""Stands for something that never came: it counts as the slowest of all, it is never left out."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of measured times, in milliseconds."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    def as_plain(self) -> Mapping[str, object]:
        """The figures for JSON, where a time without end is null."""
        times = {"p50_ms": self.p50_ms, "p95_ms": self.p95_ms, "p99_ms": self.p99_ms, "max_ms": self.max_ms}
        return {
            "count": self.count,
            **{name: round(time, 2) if math.isfinite(time) else None for name, time in times.items()},
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0..1) of all values do not exceed: nearest rank, nothing interpolated.

    Raises:
        ValueError: no values, or a share outside 0..1.
    """
    if not values:
        raise ValueError("values: there are none")
    if not 0 <= share <= 1:
        raise ValueError(f"share: {share} is not within 0..1")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def spread(times_ms: Sequence[float]) -> Spread:
    """Count and percentiles of times in milliseconds; all zero when there are none."""
    if not times_ms:
        return Spread(0, 0.0, 0.0, 0.0, 0.0)
    ordered = sorted(times_ms)
    p50_ms, p95_ms, p99_ms = (percentile(ordered, share) for share in (0.5, 0.95, 0.99))
    return Spread(len(ordered), p50_ms, p95_ms, p99_ms, ordered[-1])


def middle(values: Sequence[float]) -> float:
    """The median of the runs' figures: what is reported, never the best of them."""
    return median(values)
