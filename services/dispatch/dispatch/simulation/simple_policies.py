"""What would the obvious policies do: first come first served, nearest pair, or an optimal batch of idle volunteers?

None of them looks ahead, learns, or knows shifts to come. All are given the same hard limits as the engine: arrival
within the shift and before the report is dropped, and nobody is asked twice for one report.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from dispatch.matching.acceptance import Answer
from dispatch.matching.columns import Floats, Ints
from dispatch.simulation.state import Doing, State
from dispatch.simulation.world import DROPPED_AFTER_S


class FirstComeNearestIdle:
    """The oldest report is offered to the nearest idle volunteer, then the next oldest."""

    look_again_s = 0.0

    def decide(self, state: State) -> Sequence[tuple[int, int]]:
        reports, idle, ways_m = possible_ways(state)
        offers = []
        for row, report in enumerate(reports.tolist()):
            column = int(np.argmin(ways_m[row])) if len(idle) else 0
            if len(idle) and np.isfinite(ways_m[row, column]):
                offers.append((report, int(idle[column])))
                ways_m[:, column] = np.inf
        return offers

    def on_answer(self, state: State, report: int, volunteer: int, answer: Answer) -> None:
        """Learns nothing."""


class GreedyNearestPair:
    """The nearest pair of a waiting report and an idle volunteer, then the next nearest."""

    look_again_s = 0.0

    def decide(self, state: State) -> Sequence[tuple[int, int]]:
        reports, idle, ways_m = possible_ways(state)
        offers = []
        while ways_m.size:
            row, column = np.unravel_index(int(np.argmin(ways_m)), ways_m.shape)
            if not np.isfinite(ways_m[row, column]):
                break
            offers.append((int(reports[row]), int(idle[column])))
            ways_m[row], ways_m[:, column] = np.inf, np.inf
        return offers

    def on_answer(self, state: State, report: int, volunteer: int, answer: Answer) -> None:
        """Learns nothing."""


class BatchOptimal:
    """Every half minute as many pairs as possible with the shortest sum of ways: optimal, but blind to what comes."""

    look_again_s = 30.0
    impossible_m = 1e7

    def __init__(self) -> None:
        self._next_batch_at_s = 0.0

    def decide(self, state: State) -> Sequence[tuple[int, int]]:
        if state.now_s < self._next_batch_at_s:
            return ()
        self._next_batch_at_s = state.now_s + self.look_again_s
        reports, idle, ways_m = possible_ways(state)
        if not ways_m.size:
            return ()
        rows, columns = linear_sum_assignment(np.where(np.isfinite(ways_m), ways_m, self.impossible_m))
        return [
            (int(reports[row]), int(idle[column]))
            for row, column in zip(rows, columns, strict=True)
            if np.isfinite(ways_m[row, column])
        ]

    def on_answer(self, state: State, report: int, volunteer: int, answer: Answer) -> None:
        """Learns nothing."""


def possible_ways(state: State) -> tuple[Ints, Ints, Floats]:
    """Waiting reports by age, idle volunteers, and the straight metres between them; infinite where it must not be."""
    world, now_s = state.world, state.now_s
    reports, idle = np.flatnonzero(state.waiting), np.flatnonzero(state.doing == Doing.IDLE)
    here, there = world.report_m[reports], state.place_m[idle]
    ways_m = np.hypot(here[:, None, 0] - there[None, :, 0], here[:, None, 1] - there[None, :, 1])
    arrival_s = now_s + ways_m * world.pace_s_per_m[idle]
    too_late = arrival_s > world.reports.at_s[reports][:, None] + DROPPED_AFTER_S
    ways_m[too_late | (arrival_s > world.volunteers.off_s[idle])] = np.inf
    column_of = {volunteer: column for column, volunteer in enumerate(idle.tolist())}
    for row, report in enumerate(reports.tolist()):
        for volunteer in state.asked[report]:
            if volunteer in column_of:
                ways_m[row, column_of[volunteer]] = np.inf
    return reports, idle, ways_m
