"""Which workers are near enough to each case to be worth a look?

Nearness counts the wait until a worker is free as a way: the tree has time as its third axis. When the nearest of all
cases cannot serve them all (a hot spot), the cases that go short look further, until demand fits, everybody able was
looked at, or so many pairs were that the decision would take too long: their number grows with cases plus workers,
never with their product. What is needed of a worker (skills, vehicle) is looked at first, so that a rare skill is found
however far it is.
"""

from __future__ import annotations

from dataclasses import dataclass

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
LEAST_LOOKS = 200_000
LOOKS_PER_ROW = 8


def candidates(problem: Problem, parameters: Parameters) -> Pairs:
    """Allowed pairs: per case the nearest workers, more where the nearest are too few for the demand."""
    free = available(problem, parameters)
    rows = np.arange(len(problem.cases))
    if not len(free) or not len(rows):
        return pairs_between(problem, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    if len(rows) * len(free) <= ALL_PAIRS:
        return allowed(problem, pairs_between(problem, np.repeat(rows, len(free)), np.tile(free, len(rows))))
    kept = _widened(problem, _groups(problem, free), parameters.nearest)
    return _joined(kept, _from_idle(problem, kept, free, parameters.nearest))


def pairs_between(problem: Problem, case_rows: Ints, worker_rows: Ints) -> Pairs:
    """Cases and workers paired row by row, with way and arrival; no rule is applied."""
    cases, workers = problem.cases, problem.workers
    plane = plane_of(cases.lat)
    way = plane.metres(cases.lon[case_rows] - workers.lon[worker_rows], cases.lat[case_rows] - workers.lat[worker_rows])
    distance_m: Floats = np.hypot(way[:, 0], way[:, 1])
    travel_s = distance_m * workers.pace_s_per_m[worker_rows]
    wait_s = np.maximum(workers.free_at_s[worker_rows] - problem.now_s, 0.0)
    return Pairs(case_rows, worker_rows, distance_m, travel_s, wait_s + travel_s)


@dataclass(frozen=True, slots=True)
class _Group:
    """Cases that need the same of a worker, and the free workers who have it, in space and waiting time."""

    cases: Ints
    able: Ints
    tree: cKDTree

    def nearest(self, problem: Problem, rows: Ints, count: int) -> tuple[Ints, Ints]:
        """Pairs of these cases with their `count` nearest able workers."""
        points = _places(problem, rows)
        found = self.tree.query(np.column_stack((points, np.zeros(len(rows)))), k=np.arange(1, count + 1))[1]
        return np.repeat(rows, count), self.able[found.ravel()]


def _groups(problem: Problem, free: Ints) -> list[_Group]:
    """One per combination of skills and vehicles that is asked for and that somebody has."""
    cases, workers = problem.cases, problem.workers
    needs, of_case = np.unique(np.column_stack((cases.skills, cases.vehicles)), axis=0, return_inverse=True)
    groups = []
    for number, (skills, vehicles) in enumerate(needs.tolist()):
        is_able = ((workers.skills[free] & skills) == skills) & ((workers.vehicle[free] & vehicles) != 0)
        if is_able.any():
            groups.append(_group(problem, np.flatnonzero(of_case.ravel() == number), free[is_able]))
    return groups


def _group(problem: Problem, cases: Ints, able: Ints) -> _Group:
    workers = problem.workers
    wait_s = np.maximum(workers.free_at_s[able] - problem.now_s, 0.0)
    where = plane_of(problem.cases.lat).metres(workers.lon[able], workers.lat[able])
    points = np.column_stack((where, wait_s * WAIT_AS_WAY_M_PER_S))
    return _Group(cases, able, cKDTree(points, leafsize=32, compact_nodes=False, balanced_tree=False))


def _widened(problem: Problem, groups: list[_Group], nearest: int) -> Pairs:
    """The nearest of every case, and more of those that go short, as long as there are looks left."""
    count, short = nearest, np.sort(np.concatenate([group.cases for group in groups] or [np.zeros(0, np.int64)]))
    kept = pairs_between(problem, short[:0], short[:0])
    looks = LEAST_LOOKS + LOOKS_PER_ROW * (len(problem.cases) + len(problem.workers))
    while len(short) and len(short) * count <= looks:
        looked = _looked_at(problem, groups, short, count)
        looks -= len(looked)
        kept = _joined(kept.keep(~np.isin(kept.case, short)), allowed(problem, looked))
        can_look_on = np.concatenate([group.cases for group in groups if len(group.able) > count] or [short[:0]])
        short = np.intersect1d(_short(kept, len(problem.cases), len(problem.workers)), can_look_on)
        count *= WIDER
    return kept


def _looked_at(problem: Problem, groups: list[_Group], rows: Ints, count: int) -> Pairs:
    found = [group.nearest(problem, np.intersect1d(rows, group.cases), min(count, len(group.able))) for group in groups]
    return pairs_between(
        problem, np.concatenate([case for case, _ in found]), np.concatenate([who for _, who in found])
    )


def _from_idle(problem: Problem, kept: Pairs, free: Ints, nearest: int) -> Pairs:
    """Workers whom no case named look for cases themselves: where cases outnumber them, they would stand idle else."""
    idle = np.setdiff1d(free, kept.worker)
    if len(idle) > len(problem.cases):
        idle = idle[:0]
    rows, count = np.arange(len(problem.cases)), min(nearest, len(problem.cases))
    where = plane_of(problem.cases.lat).metres(problem.workers.lon[idle], problem.workers.lat[idle])
    found = cKDTree(_places(problem, rows)).query(where, k=np.arange(1, count + 1))[1]
    return allowed(problem, pairs_between(problem, found.ravel().astype(np.int64), np.repeat(idle, count)))


def _places(problem: Problem, rows: Ints) -> Floats:
    cases = problem.cases
    return plane_of(cases.lat).metres(cases.lon[rows], cases.lat[rows])


def _short(pairs: Pairs, cases: int, workers: int) -> Ints:
    """The cases that go without when as many as possible are served."""
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = csr_array((ones, (pairs.case, pairs.worker)), shape=(cases, workers))
    return np.flatnonzero(maximum_bipartite_matching(graph, perm_type="column") < 0)


def _joined(first: Pairs, second: Pairs) -> Pairs:
    both = ((getattr(first, name), getattr(second, name)) for name in Pairs.__slots__)
    return Pairs(*(np.concatenate(columns) for columns in both))
