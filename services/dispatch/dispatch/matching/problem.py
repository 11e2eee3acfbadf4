"""What does one matching decision look at?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from dispatch.matching import cases as case_table
from dispatch.matching import workers as worker_table
from dispatch.matching.cases import Cases
from dispatch.matching.columns import Flags, Ints
from dispatch.matching.workers import Workers

AskedBefore = Mapping[int, Collection[int]] | Mapping[str, Collection[str]] | Mapping[int | str, Collection[int | str]]
NOBODY: AskedBefore = {}


@dataclass(frozen=True, slots=True)
class Problem:
    """Open cases, workers, and the clock; rows are ordered by id.

    Arguments:
        asked: pairs already asked, as `case row × number of workers + worker row`, sorted.
        now_s: POSIX seconds.
        hour: the local hour, 0..23.
        clears_in_s: seconds until the queue is expected to be cleared, 0 when nobody has to wait.
    """

    cases: Cases
    workers: Workers
    asked: Ints
    now_s: float
    hour: int
    clears_in_s: float

    def has_asked(self, case_rows: Ints, worker_rows: Ints) -> Flags:
        """Per pair of rows: has this worker been asked for this case before?"""
        keys = case_rows * len(self.workers) + worker_rows
        if not len(self.asked):
            return np.zeros(len(keys), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self.asked, keys), len(self.asked) - 1)
        return np.asarray(self.asked[at] == keys, dtype=np.bool_)


def problem_of(
    cases: Cases,
    workers: Workers,
    *,
    now_s: float,
    hour: int,
    clears_in_s: float = 0.0,
    asked: AskedBefore = NOBODY,
) -> Problem:
    """Bring a decision's inputs into one order, so that the order in which they came does not matter.

    Arguments:
        asked: per case id the workers who were asked before, whatever they said.

    Raises:
        ValueError: an hour outside 0..23 or a time that is not a number.
    """
    if not 0 <= hour <= 23:
        raise ValueError(f"hour: {hour} is not within 0..23")
    if not (np.isfinite(now_s) and clears_in_s >= 0):
        raise ValueError(f"now_s, clears_in_s: {now_s} and {clears_in_s} will not do")
    ordered_cases = case_table.by_id(cases)
    ordered_workers = worker_table.by_id(workers)
    keys = _asked_keys(ordered_cases, ordered_workers, asked)
    return Problem(ordered_cases, ordered_workers, keys, now_s, hour, clears_in_s)


def _asked_keys(cases: Cases, workers: Workers, asked: AskedBefore) -> Ints:
    found = [(row, worker) for row, each in enumerate(cases.ids.tolist()) for worker in asked.get(each, ())]
    if not found or not len(workers):
        return np.zeros(0, dtype=np.int64)
    case_rows = np.array([row for row, _ in found], dtype=np.int64)
    wanted = np.array([worker for _, worker in found], dtype=workers.ids.dtype)
    rows = np.minimum(np.searchsorted(workers.ids, wanted), len(workers) - 1)
    is_there = workers.ids[rows] == wanted
    return np.sort(case_rows[is_there] * len(workers) + rows[is_there])
