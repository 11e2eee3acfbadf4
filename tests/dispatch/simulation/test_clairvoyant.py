"""Is the clairvoyant reference bound by the same world, and better than every policy that must guess?"""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.matching.parameters import Parameters
from dispatch.matching.pressure import Demand
from dispatch.simulation.clairvoyant import Effort, best_plan
from dispatch.simulation.policies import PolicyName, play
from dispatch.simulation.routes import cheapest_place, empty_routes, known_of
from dispatch.simulation.world import Answers
from tests.dispatch.simulation.worlds import MOTORCYCLE_S_PER_M, instant, random_world, reports, volunteers

FLAT = Demand(np.zeros(96))


@pytest.mark.parametrize("answers", Answers)
@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_beats_the_clairvoyant(seed: int, answers: Answers) -> None:
    world = random_world(seed, answers=answers)

    best = best_plan(world, Effort(rounds=150)).response_min.mean()

    for name in (PolicyName.FIFO, PolicyName.GREEDY, PolicyName.BATCH, PolicyName.OURS):
        assert best <= play(name, world, Parameters(), FLAT).response_min.mean()


def test_the_clairvoyant_serves_in_the_best_order_of_a_hand_computed_day() -> None:
    world = instant(reports([0.0, 0.0], [0.0, 1_000.0]), volunteers([0.0]), [3_000.0, 60.0])

    outcome = best_plan(world, Effort(rounds=30))

    way_s = 1_000 * MOTORCYCLE_S_PER_M
    assert outcome.response_min.sum() * 60 == pytest.approx(way_s + way_s + 60 + way_s, rel=1e-3)


def test_nobody_sets_out_before_the_report_is_made() -> None:
    world = instant(reports([5_000.0], [1_000.0]), volunteers([0.0]), 60.0)

    outcome = best_plan(world, Effort(rounds=5))

    assert outcome.response_min[0] * 60 == pytest.approx(1_000 * MOTORCYCLE_S_PER_M, rel=1e-3)


def test_a_place_that_adds_least_is_found_and_waits_add_up() -> None:
    world = random_world(3)
    routes = empty_routes(known_of(world))

    for report in range(len(world.reports)):
        routes.insert(report)

    served = np.flatnonzero(routes.route >= 0)
    assert len(served) > len(world.reports) / 2
    before = routes.wait_s.sum()
    gone = routes.remove([int(served[0])])
    assert routes.wait_s.sum() != before
    assert cheapest_place(routes, gone[0]) is not None


def test_a_day_without_reports_has_a_plan_too() -> None:
    assert len(best_plan(instant(reports([], []), volunteers([0.0]), 60.0), Effort(rounds=3)).response_min) == 0
