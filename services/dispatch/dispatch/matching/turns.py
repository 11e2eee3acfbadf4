"""Which cases are better left to a later turn of the same workers?

When cases outnumber workers, each worker will serve several in a row. A case may then be planned for a worker's second
or later turn: nobody is asked for it yet, but no far worker is wasted on it either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.matching.columns import Floats, Ints
from dispatch.matching.constraints import Pairs
from dispatch.matching.costs import Costs, price_of_time
from dispatch.matching.parameters import Parameters
from dispatch.matching.problem import Problem


@dataclass(frozen=True, slots=True)
class Turns:
    """Pairs once per turn; `pair` points back into the pairs, `worker` is a row per worker and turn."""

    pair: Ints
    case: Ints
    worker: Ints
    gain_s: Floats


def turns(problem: Problem, pairs: Pairs, costs: Costs, parameters: Parameters) -> Turns:
    """The first turn of every pair, and later ones while the queue presses."""
    first = Turns(np.arange(len(pairs)), pairs.case, pairs.worker, costs.gain_s)
    count = min(parameters.turns, 1 + len(problem.cases) // max(len(np.unique(pairs.worker)), 1))
    if count < 2 or price_of_time(problem, parameters) == 0:
        return first
    return _joined([first, *(_later(problem, pairs, costs, parameters, turn=turn) for turn in range(1, count))])


def _later(problem: Problem, pairs: Pairs, costs: Costs, parameters: Parameters, *, turn: int) -> Turns:
    """The pairs that are still possible after `turn` other cases.

    The way is shorter than from here, by `turn_way_share`: the worker will be on the way there.
    """
    saved_s = (1.0 - parameters.turn_way_share) * pairs.travel_s
    arrival_s = pairs.arrival_s + turn * parameters.cycle_s - saved_s
    ends_s = np.minimum(problem.workers.on_duty_until_s[pairs.worker], problem.cases.expires_at_s[pairs.case])
    still = np.flatnonzero(problem.now_s + arrival_s <= ends_s)
    gain_s = costs.gain_s - turn * parameters.cycle_s + saved_s * (1.0 + price_of_time(problem, parameters))
    worker = pairs.worker[still] + turn * len(problem.workers)
    return Turns(still, pairs.case[still], worker, gain_s[still])


def _joined(each: list[Turns]) -> Turns:
    return Turns(
        np.concatenate([turn.pair for turn in each]),
        np.concatenate([turn.case for turn in each]),
        np.concatenate([turn.worker for turn in each]),
        np.concatenate([turn.gain_s for turn in each]),
    )
