"""Who is asked for which case now, and which case waits for a worker who is better but not free yet?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.matching.candidates import candidates
from dispatch.matching.columns import Flags, Ints
from dispatch.matching.constraints import Pairs
from dispatch.matching.costs import LEAST_GAIN_S, Costs, costs, price_of_time
from dispatch.matching.parameters import Parameters
from dispatch.matching.problem import Problem
from dispatch.matching.solver import best_pairs
from dispatch.matching.turns import turns
from dispatch.matching.waves import asked_together


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision, as indexes into `pairs`.

    Arguments:
        asked: pairs that are offered now; a case may stand in several when many are asked at once.
        held: pairs that wait for the worker to be free; the next decision looks at them afresh.
    """

    problem: Problem
    parameters: Parameters
    pairs: Pairs
    costs: Costs
    asked: Ints
    held: Ints

    def asks(self) -> list[tuple[int | str, int | str]]:
        """(case id, worker id) of every offer to be made now."""
        return self._ids(self.asked)

    def holds(self) -> list[tuple[int | str, int | str]]:
        """(case id, worker id) of every case that waits for one worker."""
        return self._ids(self.held)

    def _ids(self, at: Ints) -> list[tuple[int | str, int | str]]:
        case_ids = self.problem.cases.ids[self.pairs.case[at]].tolist()
        worker_ids = self.problem.workers.ids[self.pairs.worker[at]].tolist()
        return list(zip(case_ids, worker_ids, strict=True))


def decide(problem: Problem, parameters: Parameters) -> Plan:
    """Match open cases with workers, optimal for the sum of gains.

    Pure: the same problem and parameters give the same plan, in whatever order the rows came.
    """
    pairs = candidates(problem, parameters)
    parts = costs(problem, pairs, parameters)
    chosen = _chosen(problem, pairs, parts, parameters)
    may_ask = _may_be_asked(problem, pairs, parameters)
    asked, held = chosen[may_ask[chosen]], chosen[~may_ask[chosen]]
    more = asked_together(problem, pairs, parts, parameters, asked=asked, taken=pairs.worker[chosen], may_ask=may_ask)
    return Plan(problem, parameters, pairs, parts, np.concatenate((asked, more)), held)


def _chosen(problem: Problem, pairs: Pairs, parts: Costs, parameters: Parameters) -> Ints:
    """Indexes of the pairs whose turn is the worker's next."""
    options = turns(problem, pairs, parts, parameters)
    gain = options.gain_s
    if price_of_time(problem, parameters) == 0:
        gain = np.maximum(gain, LEAST_GAIN_S)
    won = np.flatnonzero(best_pairs(options.case, options.worker, gain))
    return np.sort(options.pair[won[options.worker[won] < len(problem.workers)]])


def _may_be_asked(problem: Problem, pairs: Pairs, parameters: Parameters) -> Flags:
    """On duty already, and idle or so soon free that the answer may come while the hands are still full."""
    workers, now_s = problem.workers, problem.now_s
    on_duty = workers.on_duty_from_s <= now_s
    soon = workers.free_at_s <= now_s + parameters.ask_ahead_s
    return np.asarray((on_duty & soon)[pairs.worker], dtype=np.bool_)
