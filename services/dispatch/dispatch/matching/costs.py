"""What does it cost to send this worker to this case, part by part?

All parts are seconds of waiting. The first two are what the reporter feels; pressure is what the others in the queue
feel, because a long way keeps a worker from them; fairness is what the workers feel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from dispatch.matching.acceptance import acceptance, thinning, willingness
from dispatch.matching.columns import Floats
from dispatch.matching.constraints import Pairs
from dispatch.matching.parameters import Parameters
from dispatch.matching.plane import plane_of
from dispatch.matching.problem import Problem

NEIGHBOURS = 2
FAR_NEIGHBOUR_M = 5_000.0
USUAL_PACE_S_PER_M = 0.187
SOON_CLEARED_S = 300.0
LEAST_GAIN_S = 1.0
FIRST_HOUR = 1.5
"""Counted for everybody, so that the first case of a shift does not look like a heavy load."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The parts per pair, in seconds.

    Arguments:
        acceptance: the probability of a yes.
        decline_s: expected time lost until somebody says yes: an answer's time per yes.
        pressure_s: worker time beyond the visit, at the price the queue puts on it.
        fairness_s: for cases already accepted per hour on duty.
        priority_s: what the case's wait is worth; the only part that counts against the others.
    """

    arrival_s: Floats
    acceptance: Floats
    decline_s: Floats
    pressure_s: Floats
    fairness_s: Floats
    priority_s: Floats

    @property
    def total_s(self) -> Floats:
        """The whole cost, priority apart."""
        return self.arrival_s + self.decline_s + self.pressure_s + self.fairness_s

    @property
    def gain_s(self) -> Floats:
        """What is won by this pair; the solver maximises the sum."""
        return self.priority_s - self.total_s


def price_of_time(problem: Problem, parameters: Parameters) -> float:
    """What one second of a worker's time costs those who wait, 0 when nobody does."""
    excess_s = max(problem.clears_in_s - SOON_CLEARED_S, 0.0)
    return min(parameters.pressure_share * excess_s / parameters.cycle_s, parameters.pressure_limit)


def costs(problem: Problem, pairs: Pairs, parameters: Parameters) -> Costs:
    """The parts of every pair."""
    price = price_of_time(problem, parameters)
    workers = problem.workers
    willing = willingness(parameters.acceptance, workers.yes, workers.answers)[pairs.worker]
    thinned = thinning(parameters.acceptance, pairs.distance_m, problem.cases.category[pairs.case], problem.hour)
    chance = acceptance(willing, thinned)
    per_hour = workers.accepted / (workers.hours_on_duty + FIRST_HOUR)
    return Costs(
        arrival_s=pairs.arrival_s,
        acceptance=chance,
        decline_s=parameters.answer_s / chance * (1.0 + parameters.decline_pressure * price),
        pressure_s=price * (pairs.travel_s + parameters.crowd_share * _way_on_s(problem, parameters)[pairs.case]),
        fairness_s=parameters.fairness_s / (1.0 + price) * per_hour[pairs.worker],
        priority_s=_priority_s(problem, parameters)[pairs.case],
    )


def _priority_s(problem: Problem, parameters: Parameters) -> Floats:
    """Worth of coming now: the wait that is saved, at most what is left until the case expires."""
    left_s = problem.cases.expires_at_s - problem.now_s
    otherwise_s = parameters.wait_floor_s + parameters.wait_share * problem.clears_in_s
    return parameters.worth_s + problem.cases.urgency * np.minimum(left_s, otherwise_s)


def _way_on_s(problem: Problem, parameters: Parameters) -> Floats:
    """Travel from each case to its nearest open neighbours: a worker sent into a crowd is soon at the next."""
    count = len(problem.cases)
    if count <= NEIGHBOURS or price_of_time(problem, parameters) == 0:
        return np.zeros(count)
    points = plane_of(problem.cases.lat).metres(problem.cases.lon, problem.cases.lat)
    ways_m = np.asarray(cKDTree(points).query(points, k=NEIGHBOURS + 1)[0])[:, 1:].mean(axis=1)
    return np.asarray(np.minimum(ways_m, FAR_NEIGHBOUR_M) * USUAL_PACE_S_PER_M, dtype=np.float64)
