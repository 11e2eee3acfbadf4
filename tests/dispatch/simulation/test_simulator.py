"""Does the simulator play days as they would be worked out by hand, and queues as the textbook says?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from dispatch.matching.acceptance import Answer
from dispatch.matching.parameters import Parameters
from dispatch.matching.pressure import Demand
from dispatch.simulation.engine_policy import EnginePolicy
from dispatch.simulation.metrics import gini, metrics_of
from dispatch.simulation.simple_policies import BatchOptimal, FirstComeNearestIdle, GreedyNearestPair
from dispatch.simulation.simulator import Policy, Simulation
from dispatch.simulation.state import Doing, State, start_of_day
from dispatch.simulation.world import DROPPED_AFTER_S, WAY_M, World
from tests.dispatch.simulation.worlds import DAY_S, MOTORCYCLE_S_PER_M, instant, random_world, reports, volunteers

FLAT = Demand(np.zeros(96))


def test_a_wait_is_the_way_at_the_speed_of_the_vehicle() -> None:
    world = instant(reports([100.0], [1_000.0]), volunteers([0.0]), 300.0)

    outcome = Simulation(world, GreedyNearestPair()).run()

    assert outcome.response_min[0] * 60 == pytest.approx(1_000 * MOTORCYCLE_S_PER_M, rel=1e-3)
    assert outcome.travelled_km == pytest.approx(1.3, rel=1e-3)


def test_the_second_report_waits_for_the_first_visit_to_end_and_for_the_way_between() -> None:
    world = instant(reports([0.0, 0.0], [0.0, 1_000.0]), volunteers([0.0]), 300.0)

    outcome = Simulation(world, FirstComeNearestIdle()).run()

    assert outcome.response_min[1] * 60 == pytest.approx(300 + 1_000 * MOTORCYCLE_S_PER_M, rel=1e-3)


def test_first_come_serves_the_older_report_and_greedy_the_nearer_one() -> None:
    world = instant(reports([0.0, 10.0, 20.0], [0.0, 2_000.0, 100.0]), volunteers([0.0]), 60.0)

    fifo, greedy = Simulation(world, FirstComeNearestIdle()).run(), Simulation(world, GreedyNearestPair()).run()

    assert fifo.response_min[1] < fifo.response_min[2]
    assert greedy.response_min[2] < greedy.response_min[1]


def test_a_report_nobody_serves_in_four_hours_counts_as_240_minutes() -> None:
    world = instant(reports([0.0], [0.0]), volunteers([0.0], on_s=DROPPED_AFTER_S + 60), 60.0)

    outcome = Simulation(world, GreedyNearestPair()).run()

    assert (outcome.response_min[0], outcome.served[0], outcome.servable[0]) == (240.0, False, False)


def test_nobody_is_asked_after_the_shift_or_when_the_way_would_outlast_it() -> None:
    world = instant(reports([3_600.0, 7_300.0], [50_000.0, 0.0]), volunteers([0.0], off_s=7_200.0), 60.0)

    outcome = Simulation(world, GreedyNearestPair()).run()

    assert not outcome.served.any()


def test_a_no_passes_the_report_on_and_the_answer_takes_its_time() -> None:
    world = random_world(4, count=1, people=8)
    outcome = Simulation(world, GreedyNearestPair()).run()
    order = np.argsort(np.abs(world.home_m[:, 1] - world.report_m[0, 1]))
    at_s, spent_s, asked = max(float(world.reports.at_s[0]), 28_000.0), 0.0, 0

    for volunteer in order.tolist():
        way_m = float(np.hypot(*(world.home_m[volunteer] - world.report_m[0])))
        spent_s += world.answer_after_s(0, volunteer)
        asked += 1
        if world.coin(0, volunteer) < 0.7 * math.exp(-way_m / WAY_M):
            spent_s += way_m * float(world.pace_s_per_m[volunteer])
            break

    assert outcome.offers == asked
    assert outcome.response_min[0] * 60 == pytest.approx(at_s - world.reports.at_s[0] + spent_s, rel=1e-6)


def test_the_same_day_and_seed_give_the_same_coins_and_others_do_not() -> None:
    assert random_world(1).coin(3, 2) == random_world(1).coin(3, 2)
    assert random_world(1).coin(3, 2) != random_world(2).coin(3, 2)


def test_a_busy_volunteer_asked_ahead_goes_straight_on() -> None:
    world = instant(reports([0.0, 100.0], [0.0, 500.0]), volunteers([0.0]), 600.0)
    parameters = Parameters(ask_ahead_s=900.0)

    outcome = Simulation(world, EnginePolicy(world, parameters, FLAT)).run()

    assert outcome.response_min[1] * 60 == pytest.approx(500 + 500 * MOTORCYCLE_S_PER_M, rel=1e-3)


def test_a_promise_that_the_shift_does_not_outlast_passes_to_somebody_else() -> None:
    people = volunteers([0.0, 4_000.0])
    shifts = replace(people, off_s=np.array([1_200.0, DAY_S]))
    world = instant(reports([0.0, 100.0], [0.0, 500.0]), shifts, [1_150.0, 60.0])
    parameters = Parameters(ask_ahead_s=3_600.0, free_within_s=3_600.0)

    outcome = Simulation(world, EnginePolicy(world, parameters, FLAT)).run()

    assert outcome.served.all()
    assert outcome.accepted.tolist() == [1, 1]


def test_a_yes_that_the_shift_does_not_outlast_is_none() -> None:
    world = instant(reports([0.0], [5_000.0]), volunteers([0.0], off_s=1_000.0), 60.0)
    simulation = Simulation(world, GreedyNearestPair())
    simulation.state.now_s = 990.0
    simulation.state.offered[0] = 0
    simulation.state.outstanding[0] = 1

    simulation._answered(0, 0)

    assert not simulation.state.promised[0]


@dataclass(slots=True)
class Stubborn:
    """A policy that asks the same volunteer for everything, again and again."""

    look_again_s: float = 0.0
    heard: list[Answer] = field(default_factory=list)

    def decide(self, state: State) -> list[tuple[int, int]]:
        return [(int(report), 0) for report in np.flatnonzero(state.waiting)]

    def on_answer(self, state: State, report: int, volunteer: int, answer: Answer) -> None:
        self.heard.append(answer)


def test_an_offer_against_the_rules_of_the_world_is_refused_whoever_makes_it() -> None:
    world = instant(reports([0.0, 0.0], [0.0, 100.0]), volunteers([0.0]), 60.0)

    with pytest.raises(ValueError, match="the volunteer is"):
        Simulation(world, Stubborn()).run()


@pytest.mark.parametrize("policy", [FirstComeNearestIdle, GreedyNearestPair, BatchOptimal])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_simple_policy_serves_a_small_town(policy: type[Policy], seed: int) -> None:
    outcome = Simulation(random_world(seed), policy()).run()

    assert outcome.served.mean() > 0.5
    assert outcome.accepted.sum() == outcome.served.sum()


def test_ours_decides_the_same_whatever_the_hidden_truth_is() -> None:
    world = random_world(5)
    other = replace(
        world,
        on_site_s=world.on_site_s * 3,
        volunteers=replace(world.volunteers, base_accept=world.volunteers.base_accept / 2),
    )

    offers = [EnginePolicy(each, Parameters(), FLAT).decide(_morning(each)) for each in (world, other)]

    assert offers[0] == offers[1] != []


def _morning(world: World) -> State:
    """All reports waiting, everybody idle."""
    state = start_of_day(world)
    state.now_s = 40_000.0
    state.waiting[:] = True
    state.doing[:] = Doing.IDLE
    return state


def erlang_c_wait_s(arrivals_per_s: float, service_s: float, servers: int) -> float:
    """Mean wait in an M/M/c queue."""
    load = arrivals_per_s * service_s
    idle = sum(load**k / math.factorial(k) for k in range(servers))
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (idle + last) * service_s / (servers - load)


def test_waits_without_ways_match_a_queue_with_several_servers() -> None:
    arrivals_per_s, service_s, servers, means = 1 / 75, 480.0, 8, []
    for seed in range(8):
        chance = np.random.default_rng(seed)
        at_s = np.cumsum(chance.exponential(1 / arrivals_per_s, 1_400))
        at_s = at_s[at_s < 86_000]
        world = instant(
            reports(list(at_s), [0.0] * len(at_s)),
            volunteers([0.0] * servers, off_s=200_000.0),
            list(chance.exponential(service_s, len(at_s))),
        )
        means.append(float(Simulation(world, FirstComeNearestIdle()).run().response_min.mean()) * 60)

    error = 2.4 * float(np.std(means, ddof=1)) / math.sqrt(len(means))

    assert abs(np.mean(means) - erlang_c_wait_s(arrivals_per_s, service_s, servers)) < error


def test_gini_is_zero_for_equals_and_near_one_when_one_has_all() -> None:
    assert gini(np.array([3, 3, 3])) == 0.0
    assert gini(np.array([0, 0, 0, 8])) == 0.75
    assert gini(np.array([0, 0])) == 0.0


def test_a_day_without_reports_has_nobody_waiting() -> None:
    outcome = Simulation(instant(reports([], []), volunteers([0.0]), 60.0), GreedyNearestPair()).run()

    figures = metrics_of(outcome)
    assert figures.mean_min == figures.unserved == figures.offers_per_served == 0.0
