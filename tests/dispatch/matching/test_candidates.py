"""Are those who can serve found however far, and is nobody looked at without end?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatch.matching.candidates import LEAST_LOOKS, LOOKS_PER_ROW, candidates
from dispatch.matching.engine import decide
from dispatch.matching.parameters import Parameters
from tests.dispatch.matching.tables import cases, problem, workers

RARE, NOBODYS = 1, 2
FEW = replace(Parameters(), nearest=2)


def test_a_rare_skill_is_found_behind_hundreds_who_lack_it() -> None:
    skills = [0] * 399 + [RARE]
    crowd = workers([*list(np.linspace(0, 8000, 399)), 9000.0], skills=skills)
    some = cases(list(np.linspace(0, 500, 100)), skills=[RARE] + [0] * 99)

    plan = decide(problem(some, crowd), FEW)

    assert (0, 399) in plan.asks()


def test_cases_that_nobody_can_serve_make_no_work() -> None:
    crowd = workers(list(np.linspace(0, 8_000, 500)))
    some = cases(list(np.linspace(0, 8_000, 100)), skills=[NOBODYS] * 50 + [0] * 50)

    pairs = candidates(problem(some, crowd), FEW)

    assert set(pairs.case.tolist()) == set(range(50, 100))
    assert len(pairs) == 50 * FEW.nearest


def test_where_cases_outnumber_workers_the_pairs_grow_with_their_sum_and_everybody_has_one() -> None:
    chance = np.random.default_rng(3)
    some = cases(list(chance.uniform(0, 20_000, 4_000)))
    crowd = workers([*list(chance.uniform(0, 20000, 999)), 60000.0])

    pairs = candidates(problem(some, crowd, clears_in_s=3_600.0), Parameters())

    assert len(pairs) <= LEAST_LOOKS + LOOKS_PER_ROW * 5_000
    assert set(pairs.worker.tolist()) == set(range(1_000))
