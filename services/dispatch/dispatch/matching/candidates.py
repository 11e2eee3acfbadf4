"""Which workers are near enough to each case to be worth a look?

Nearness counts the wait until a worker is free as a way: the tree has time as its third axis. When the nearest of all
cases cannot serve them all (a hot spot), the cases that go short look further until demand fits or nobody is left.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.spatial import cKDTree

from dispatch.matching.columns import Floats, Ints
from dispatch.matching.constraints import Pairs, allowed, available
from dispatch.matching.parameters import Parameters
from dispatch.matching.plane import plane_of
from dispatch.matching.problem import Problem

WAIT_AS_WAY_M_PER_S = 4.0
"""A wait of one second weighs as four metres: a motorcycle's speed with the detours of streets."""
WIDER = 4
ALL_PAIRS = 20_000
"""Up to so many pairs every worker is looked at: a tree would not be faster."""


def candidates(problem: Problem, parameters: Parameters) -> Pairs:
    """Allowed pairs: per case the nearest workers, more where the nearest are too few for the demand."""
    free = available(problem, parameters)
    rows = np.arange(len(problem.cases))
    if not len(free) or not len(rows):
        return pairs_between(problem, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    if len(rows) * len(free) <= ALL_PAIRS:
        return allowed(problem, pairs_between(problem, np.repeat(rows, len(free)), np.tile(free, len(rows))))
    return _widened(problem, _Tree(problem, free), parameters.nearest)


def pairs_between(problem: Problem, case_rows: Ints, worker_rows: Ints) -> Pairs:
    """Cases and workers paired row by row, with way and arrival; no rule is applied."""
    cases, workers = problem.cases, problem.workers
    plane = plane_of(cases.lat)
    way = plane.metres(cases.lon[case_rows] - workers.lon[worker_rows], cases.lat[case_rows] - workers.lat[worker_rows])
    distance_m: Floats = np.hypot(way[:, 0], way[:, 1])
    travel_s = distance_m * workers.pace_s_per_m[worker_rows]
    wait_s = np.maximum(workers.free_at_s[worker_rows] - problem.now_s, 0.0)
    return Pairs(case_rows, worker_rows, distance_m, travel_s, wait_s + travel_s)


class _Tree:
    """The free workers in space and waiting time."""

    def __init__(self, problem: Problem, free: Ints) -> None:
        workers, self.free = problem.workers, free
        plane = plane_of(problem.cases.lat)
        wait_s = np.maximum(workers.free_at_s[free] - problem.now_s, 0.0)
        where = plane.metres(workers.lon[free], workers.lat[free])
        self._tree = cKDTree(
            np.column_stack((where, wait_s * WAIT_AS_WAY_M_PER_S)),
            leafsize=32,
            compact_nodes=False,
            balanced_tree=False,
        )
        places = plane.metres(problem.cases.lon, problem.cases.lat)
        self._points = np.column_stack((places, np.zeros(len(places))))

    def nearest(self, rows: Ints, count: int) -> tuple[Ints, Ints]:
        """Pairs of these cases with their `count` nearest workers."""
        found = self._tree.query(self._points[rows], k=np.arange(1, count + 1))[1]
        return np.repeat(rows, count), self.free[found.ravel()]


def _widened(problem: Problem, tree: _Tree, nearest: int) -> Pairs:
    count, short = min(nearest, len(tree.free)), np.arange(len(problem.cases))
    kept = pairs_between(problem, short[:0], short[:0])
    while True:
        fresh = allowed(problem, pairs_between(problem, *tree.nearest(short, count)))
        kept = _joined(kept.keep(~np.isin(kept.case, short)), fresh)
        short = _short(kept, len(problem.cases), len(problem.workers))
        if not len(short) or count == len(tree.free):
            return kept
        count = min(count * WIDER, len(tree.free))


def _short(pairs: Pairs, cases: int, workers: int) -> Ints:
    """The cases that go without when as many as possible are served."""
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = csr_array((ones, (pairs.case, pairs.worker)), shape=(cases, workers))
    return np.flatnonzero(maximum_bipartite_matching(graph, perm_type="column") < 0)


def _joined(first: Pairs, second: Pairs) -> Pairs:
    both = ((getattr(first, name), getattr(second, name)) for name in Pairs.__slots__)
    return Pairs(*(np.concatenate(columns) for columns in both))
