"""Which workers must not be asked for which cases, and by which rule?

Each rule is a name and a test; a pair that fails one is never offered, held or costed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from dispatch.matching.columns import Flags, Floats, Ints
from dispatch.matching.parameters import Parameters
from dispatch.matching.problem import Problem


@dataclass(frozen=True, slots=True)
class Pairs:
    """Cases paired with workers by row, with the way between them.

    Arguments:
        distance_m: straight line. travel_s: by the worker's own pace. arrival_s: from now, with the wait until free.
    """

    case: Ints
    worker: Ints
    distance_m: Floats
    travel_s: Floats
    arrival_s: Floats

    def __len__(self) -> int:
        return len(self.case)

    def keep(self, flags: Flags) -> Pairs:
        """Those pairs whose flag is set."""
        ways = (self.distance_m[flags], self.travel_s[flags], self.arrival_s[flags])
        return Pairs(self.case[flags], self.worker[flags], *ways)


WorkerRule = Callable[[Problem, Parameters], Flags]
PairRule = Callable[[Problem, Pairs], Flags]


def _is_on_duty_in_time(problem: Problem, parameters: Parameters) -> Flags:
    workers, now_s = problem.workers, problem.now_s
    return (workers.on_duty_until_s > now_s) & (workers.on_duty_from_s <= now_s + parameters.starts_within_s)


def _is_free_in_time(problem: Problem, parameters: Parameters) -> Flags:
    workers, now_s = problem.workers, problem.now_s
    latest_s = np.where(workers.on_duty_from_s > now_s, parameters.starts_within_s, parameters.free_within_s)
    return workers.free_at_s <= now_s + latest_s


def _has_capacity(problem: Problem, _: Parameters) -> Flags:
    return problem.workers.load < problem.workers.capacity


def _has_cooled_down(problem: Problem, parameters: Parameters) -> Flags:
    last_s = problem.workers.last_asked_at_s
    return (last_s <= 0) | (problem.now_s - last_s >= parameters.cool_down_s)


def _is_outside_quiet_hours(problem: Problem, _: Parameters) -> Flags:
    return problem.workers.quiet_until_s <= problem.now_s


WORKER_RULES: MappingProxyType[str, WorkerRule] = MappingProxyType(
    {
        "off_duty": _is_on_duty_in_time,
        "busy": _is_free_in_time,
        "full": _has_capacity,
        "cooling_down": _has_cooled_down,
        "quiet_hours": _is_outside_quiet_hours,
    }
)


def _has_skills(problem: Problem, pairs: Pairs) -> Flags:
    needed = problem.cases.skills[pairs.case]
    return np.asarray((problem.workers.skills[pairs.worker] & needed) == needed)


def _has_vehicle(problem: Problem, pairs: Pairs) -> Flags:
    return np.asarray((problem.workers.vehicle[pairs.worker] & problem.cases.vehicles[pairs.case]) != 0)


def _is_in_area(problem: Problem, pairs: Pairs) -> Flags:
    return pairs.distance_m <= problem.workers.reach_m[pairs.worker]


def _arrives_in_shift(problem: Problem, pairs: Pairs) -> Flags:
    return problem.now_s + pairs.arrival_s <= problem.workers.on_duty_until_s[pairs.worker]


def _arrives_in_time(problem: Problem, pairs: Pairs) -> Flags:
    return problem.now_s + pairs.arrival_s <= problem.cases.expires_at_s[pairs.case]


def _is_asked_first(problem: Problem, pairs: Pairs) -> Flags:
    return ~problem.has_asked(pairs.case, pairs.worker)


PAIR_RULES: MappingProxyType[str, PairRule] = MappingProxyType(
    {
        "lacks_skill": _has_skills,
        "wrong_vehicle": _has_vehicle,
        "out_of_area": _is_in_area,
        "shift_ends": _arrives_in_shift,
        "too_late": _arrives_in_time,
        "asked_before": _is_asked_first,
    }
)


def available(problem: Problem, parameters: Parameters) -> Ints:
    """The rows of workers whom no rule about themselves rules out."""
    flags = np.ones(len(problem.workers), dtype=np.bool_)
    for is_allowed in WORKER_RULES.values():
        flags &= is_allowed(problem, parameters)
    return np.flatnonzero(flags)


def allowed(problem: Problem, pairs: Pairs) -> Pairs:
    """The pairs that no rule about case and worker rules out."""
    flags = np.ones(len(pairs), dtype=np.bool_)
    for is_allowed in PAIR_RULES.values():
        flags &= is_allowed(problem, pairs)
    return pairs.keep(flags)
