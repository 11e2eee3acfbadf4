"""Which small cases and workers do the matching tests build, where one argument changes one thing?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dispatch.matching.cases import Cases
from dispatch.matching.columns import Ids
from dispatch.matching.problem import Problem, problem_of
from dispatch.matching.workers import ANY_VEHICLE, VEHICLES, Workers

NOW_S = 1_000_000_000.0
LON, LAT = 120.6, 31.3
METRE = 1 / 111_195
"""One metre to the north, in degrees."""

CASE = {
    "reported_at_s": NOW_S - 60,
    "expires_at_s": NOW_S + 14_400,
    "urgency": 1.0,
    "category": 0,
    "skills": 0,
    "vehicles": ANY_VEHICLE,
}
WORKER = {
    "free_at_s": NOW_S,
    "on_duty_from_s": NOW_S - 3_600,
    "on_duty_until_s": NOW_S + 14_400,
    "pace_s_per_m": 0.187,
    "vehicle": VEHICLES["motorcycle"],
    "skills": 0,
    "load": 0,
    "capacity": 1,
    "reach_m": np.inf,
    "last_asked_at_s": 0.0,
    "quiet_until_s": 0.0,
    "accepted": 0,
    "hours_on_duty": 1.0,
    "yes": 0.0,
    "answers": 0.0,
}
WHOLE = {"category", "skills", "vehicles", "vehicle", "load", "capacity", "accepted"}


def cases(north_m: Sequence[float], ids: Sequence[int] | None = None, **changes: Any) -> Cases:
    """Cases on one meridian, so many metres to the north; `changes` are values or one per case."""
    return Cases(**_table(CASE, north_m, ids, changes))


def workers(north_m: Sequence[float], ids: Sequence[int] | None = None, **changes: Any) -> Workers:
    """Idle workers on the same meridian."""
    return Workers(**_table(WORKER, north_m, ids, changes))


def problem(some: Cases, people: Workers, **changes: Any) -> Problem:
    """A decision at ten in the morning, without pressure."""
    return problem_of(some, people, **{"now_s": NOW_S, "hour": 10, **changes})


def _table(
    usual: Mapping[str, float], north_m: Sequence[float], ids: Sequence[int] | None, changes: Mapping[str, Any]
) -> dict[str, Any]:
    count = len(north_m)
    given: Ids = np.array(ids if ids is not None else range(count), dtype=np.int64)
    columns: dict[str, Any] = {"ids": given, "lon": np.full(count, LON), "lat": LAT + np.array(north_m) * METRE}
    for name, value in {**usual, **changes}.items():
        kind = np.int64 if name in WHOLE else np.float64
        columns[name] = np.broadcast_to(np.array(value, dtype=kind), (count,)).copy()
    return columns
