"""Who is asked for which case now, and which case waits for a worker who is better but not free yet?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.matching.candidates import candidates
from dispatch.matching.columns import Flags, Floats, Ints
from dispatch.matching.constraints import Pairs
from dispatch.matching.costs import LEAST_GAIN_S, Costs, costs, price_of_time
from dispatch.matching.parameters import Parameters
from dispatch.matching.problem import Problem
from dispatch.matching.solver import best_pairs
from dispatch.matching.waves import asked_together, is_last_chance


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
    return decide_among(problem, candidates(problem, parameters), parameters)


def decide_among(problem: Problem, pairs: Pairs, parameters: Parameters) -> Plan:
    """The same among given candidates, such as those of a decision that is replayed."""
    parts = costs(problem, pairs, parameters)
    may_ask = _may_be_asked(problem, pairs, parameters)
    gain_s = _gain_s(problem, pairs, parts, parameters, may_ask)
    chosen = np.flatnonzero(best_pairs(pairs.case, pairs.worker, gain_s))
    asked, held = chosen[may_ask[chosen]], chosen[~may_ask[chosen]]
    eligible, taken = may_ask & (gain_s > 0), pairs.worker[chosen]
    more = asked_together(problem, pairs, parts, parameters, asked=asked, taken=taken, eligible=eligible)
    return Plan(problem, parameters, pairs, parts, np.concatenate((asked, more)), held)


def _gain_s(problem: Problem, pairs: Pairs, parts: Costs, parameters: Parameters, may_ask: Flags) -> Floats:
    """What each pair wins; next to nothing when it would put off a case whose last chance is now."""
    gain_s = parts.gain_s
    if price_of_time(problem, parameters) == 0:
        gain_s = np.maximum(gain_s, LEAST_GAIN_S)
    could_ask = np.zeros(len(problem.cases), dtype=np.bool_)
    could_ask[pairs.case[may_ask]] = True
    must_ask = could_ask & is_last_chance(problem, pairs, parameters)
    return np.where(must_ask[pairs.case] & ~may_ask, np.minimum(gain_s, LEAST_GAIN_S / 2), gain_s)


def _may_be_asked(problem: Problem, pairs: Pairs, parameters: Parameters) -> Flags:
    """On duty already, and idle or so soon free that the answer may come while the hands are still full."""
    workers, now_s = problem.workers, problem.now_s
    on_duty = workers.on_duty_from_s <= now_s
    soon = workers.free_at_s <= now_s + parameters.ask_ahead_s
    return np.asarray((on_duty & soon)[pairs.worker], dtype=np.bool_)
