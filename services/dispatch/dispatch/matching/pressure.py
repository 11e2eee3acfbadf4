"""How long will it take until the queue is cleared, with the shifts that are planned and the cases that usually come?

A fluid sketch in steps of five minutes: cases flow in at the rate learned for this quarter of an hour, workers on duty
work them off at one case per cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.matching.columns import Floats

STEP_S = 300.0
STEPS = 60
QUARTER_S = 900
QUARTERS_PER_DAY = 96
KNOWN_CASES = 20.0
"""So many cases of the usual day weigh as much as what today has shown so far."""


@dataclass(frozen=True, slots=True)
class Shifts:
    """When workers are on duty, seconds on any clock that `queue_clears_in_s` is asked on."""

    from_s: Floats
    until_s: Floats


@dataclass(frozen=True, slots=True)
class Demand:
    """How many cases usually come, per second, for the 96 quarters of an hour of the local day."""

    per_s: Floats

    def __post_init__(self) -> None:
        if self.per_s.shape != (QUARTERS_PER_DAY,) or not np.all(self.per_s >= 0):
            raise ValueError("per_s: 96 rates of at least 0 are wanted")


def todays_share(demand: Demand, *, second_of_day: float, seen_today: int) -> float:
    """How busy today is against the usual day, judged by the cases so far."""
    begun_s = np.clip(second_of_day - np.arange(QUARTERS_PER_DAY) * QUARTER_S, 0, QUARTER_S)
    usual = float(demand.per_s @ begun_s)
    return (seen_today + KNOWN_CASES) / (usual + KNOWN_CASES)


def queue_clears_in_s(
    demand: Demand, shifts: Shifts, *, second_of_day: float, waiting: int, busy_share: float, cycle_s: float
) -> float:
    """Seconds until nobody waits, at most five hours.

    Arguments:
        second_of_day: now, on the clock of `shifts` and `demand`.
        waiting: open cases that nobody has accepted.
        busy_share: what `todays_share` said.
        cycle_s: worker time per case.
    """
    times = second_of_day + STEP_S * np.arange(STEPS)
    on_duty = ((shifts.from_s <= times[:, None]) & (shifts.until_s > times[:, None])).sum(axis=1)
    quarters = (times // QUARTER_S).astype(np.int64) % QUARTERS_PER_DAY
    inflow = demand.per_s[quarters] * busy_share * STEP_S
    queue = waiting + np.cumsum(inflow - on_duty * STEP_S / cycle_s)
    cleared = np.flatnonzero(queue <= 0)
    steps = int(cleared[0]) + 1 if len(cleared) else STEPS
    return STEP_S * steps
