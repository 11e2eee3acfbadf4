"""What does it cost to send this worker to this case, part by part?

All parts are seconds of waiting. The first two are what the reporter feels; pressure is what the others in the queue
feel, because a long way keeps a worker from them; fairness is what the workers feel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.matching.acceptance import acceptance, crew_share, thinning, willingness
from dispatch.matching.columns import Floats, Ints
from dispatch.matching.constraints import Pairs
from dispatch.matching.parameters import Parameters
from dispatch.matching.problem import Problem

SOON_CLEARED_S = 300.0
LEAST_GAIN_S = 1.0
BUSIEST = 0.9
"""A higher share of busy workers is read as this one: by then the queue itself sets the price."""
FIRST_HOUR = 1.5
"""Counted for everybody, so that the first case of a shift does not look like a heavy load."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The parts per pair, in seconds.

    Arguments:
        acceptance: the probability of a yes.
        decline_s: expected time lost until somebody says yes: an answer's time per yes.
        pressure_s: the way once more, at the price that the queue, or the share of busy workers, puts on it.
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
    crew = _crew(problem, pairs)
    share = crew_share(parameters.acceptance, workers.yes[crew], workers.answers[crew])
    willing = willingness(parameters.acceptance, workers.yes, workers.answers, share=share)[pairs.worker]
    thinned = thinning(parameters.acceptance, pairs.distance_m, problem.cases.category[pairs.case], problem.hour)
    chance = acceptance(willing, thinned)
    per_hour = workers.accepted / (workers.hours_on_duty + FIRST_HOUR)
    return Costs(
        arrival_s=pairs.arrival_s,
        acceptance=chance,
        decline_s=parameters.answer_s / chance,
        pressure_s=max(price, _busy_price(problem, parameters, crew, share=share)) * pairs.travel_s,
        fairness_s=_fairness_weight_s(parameters, share) / (1.0 + price) * per_hour[pairs.worker],
        priority_s=_priority_s(problem, parameters)[pairs.case],
    )


def _crew(problem: Problem, pairs: Pairs) -> Ints:
    """The workers on duty who are looked at; a decision's record holds them, so that it can be replayed."""
    looked_at = np.zeros(len(problem.workers), dtype=np.bool_)
    looked_at[pairs.worker] = True
    return np.flatnonzero(looked_at & (problem.workers.on_duty_from_s <= problem.now_s))


def _fairness_weight_s(parameters: Parameters, share: float) -> float:
    """What one case per hour on duty costs: the more people decline, the more.

    An offer becomes a case only with the share of yes, and the declines that it competes with cost one over that share:
    both thin out what an even offer achieves.
    """
    return parameters.fairness_s / share**2


def _busy_price(problem: Problem, parameters: Parameters, crew: Ints, *, share: float) -> float:
    """What one second of a worker's time costs those who come next, before there is a queue.

    Grows like the wait in a queue with the share `b` of busy workers, `b / (1 - b)`. A worker's time is taken only by a
    yes, and passing over somebody who is free costs another chain of answers: the share of yes counts twice.
    """
    if not len(crew):
        return 0.0
    busy = min(float((problem.workers.free_at_s[crew] > problem.now_s).mean()), BUSIEST)
    return parameters.busy_price * share**2 * busy / (1.0 - busy)


def _priority_s(problem: Problem, parameters: Parameters) -> Floats:
    """Worth of coming now: the wait that is saved, at most what is left until the case expires."""
    left_s = problem.cases.expires_at_s - problem.now_s
    otherwise_s = parameters.wait_floor_s + parameters.wait_share * problem.clears_in_s
    return parameters.worth_s + problem.cases.urgency * np.minimum(left_s, otherwise_s)
