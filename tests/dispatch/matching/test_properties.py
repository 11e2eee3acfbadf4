"""What holds for every set of cases and workers, however odd?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from dispatch.matching.constraints import PAIR_RULES, WORKER_RULES
from dispatch.matching.engine import Plan, decide
from dispatch.matching.parameters import Parameters
from dispatch.matching.problem import Problem
from dispatch.matching.replay import record_of, replayed
from dispatch.matching.solver import best_pairs
from tests.dispatch.matching.tables import NOW_S, cases, problem, workers

SEEDS = st.integers(0, 2**32 - 1)
CLEARS_IN_S = st.sampled_from([0.0, 1_800.0, 9_000.0])


def random_problem(seed: int, clears_in_s: float) -> Problem:
    """Up to 25 cases and 40 workers of every kind."""
    chance = np.random.default_rng(seed)
    count, people = int(chance.integers(0, 26)), int(chance.integers(0, 41))
    some = cases(
        list(chance.integers(0, 40, count) * 400.0),
        ids=list(chance.permutation(count)),
        urgency=chance.choice([1.0, 2.0], count),
        skills=chance.integers(0, 4, count),
        vehicles=chance.integers(1, 16, count),
        expires_at_s=NOW_S + chance.uniform(0, 7_200, count),
    )
    crew = workers(
        list(chance.integers(0, 40, people) * 400.0),
        ids=list(chance.permutation(people)),
        free_at_s=NOW_S + chance.choice([0.0, 300.0, 1_200.0, 4_000.0], people),
        on_duty_until_s=NOW_S + chance.uniform(-600, 9_000, people),
        vehicle=2 ** chance.integers(0, 4, people),
        skills=chance.integers(0, 4, people),
        load=chance.integers(0, 3, people),
        capacity=chance.integers(0, 3, people),
        reach_m=chance.choice([1_000.0, np.inf], people),
        last_asked_at_s=NOW_S - chance.uniform(0, 90, people),
        accepted=chance.integers(0, 9, people),
    )
    asked = {row: {int(each) for each in chance.integers(0, 40, 3)} for row in range(count) if chance.random() < 0.5}
    return problem(some, crew, clears_in_s=clears_in_s, asked=asked)


def _all_pairs(plan: Plan) -> list[tuple[int | str, int | str]]:
    return plan.asks() + plan.holds()


@settings(max_examples=60, deadline=None)
@given(SEEDS, CLEARS_IN_S)
def test_no_worker_gets_two_cases_and_no_hard_rule_is_broken(seed: int, clears_in_s: float) -> None:
    given_problem = random_problem(seed, clears_in_s)

    plan = decide(given_problem, Parameters())

    at = np.concatenate((plan.asked, plan.held))
    pairs = plan.pairs.keep(np.isin(np.arange(len(plan.pairs)), at))
    chosen = [worker for _, worker in _all_pairs(plan)]
    assert len(chosen) == len(set(chosen))
    assert all(rule(given_problem, pairs).all() for rule in PAIR_RULES.values())
    assert all(rule(given_problem, Parameters())[pairs.worker].all() for rule in WORKER_RULES.values())


@settings(max_examples=60, deadline=None)
@given(SEEDS, CLEARS_IN_S)
def test_the_order_of_the_rows_does_not_matter(seed: int, clears_in_s: float) -> None:
    first = random_problem(seed, clears_in_s)
    chance = np.random.default_rng(seed)
    case_ids, worker_ids = first.cases.ids.tolist(), first.workers.ids.tolist()
    asked: dict[int, set[int]] = {}
    for key in first.asked.tolist():
        case, worker = divmod(key, len(first.workers))
        asked.setdefault(case_ids[case], set()).add(worker_ids[worker])

    second = problem(
        first.cases.take(chance.permutation(len(first.cases))),
        first.workers.take(chance.permutation(len(first.workers))),
        clears_in_s=clears_in_s,
        asked=asked,
    )

    assert decide(second, Parameters()).asks() == decide(first, Parameters()).asks()


@settings(max_examples=40, deadline=None)
@given(SEEDS, CLEARS_IN_S)
def test_a_record_replays_to_the_same_decision(seed: int, clears_in_s: float) -> None:
    plan = decide(random_problem(seed, clears_in_s), Parameters())

    again = replayed(record_of(plan))

    assert (again.asks(), again.holds()) == (plan.asks(), plan.holds())


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_more_workers_never_leave_a_feasible_case_unasked(seed: int) -> None:
    everybody = random_problem(seed, 0.0)
    chance = np.random.default_rng(seed)
    kept = np.flatnonzero(chance.random(len(everybody.workers)) < 0.6)
    fewer = replace(everybody, workers=everybody.workers.take(kept), asked=everybody.asked[:0])
    all_of_them = replace(everybody, asked=everybody.asked[:0])

    with_all, with_fewer = decide(all_of_them, Parameters()), decide(fewer, Parameters())

    assert len({case for case, _ in _all_pairs(with_all)}) >= len({case for case, _ in _all_pairs(with_fewer)})


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_contested_solver_is_as_good_as_the_full_one(seed: int) -> None:
    chance = np.random.default_rng(seed)
    gains = np.where(chance.random((30, 40)) < 0.3, chance.uniform(1, 100, (30, 40)), 0.0)
    case, worker = np.nonzero(gains)
    stretched = worker * 5_000

    flags = best_pairs(case, stretched, gains[case, worker])

    rows, columns = linear_sum_assignment(gains, maximize=True)
    assert np.isclose(gains[case, worker][flags].sum(), gains[rows, columns].sum())
    assert len(np.unique(case[flags])) == len(np.unique(worker[flags])) == flags.sum()
