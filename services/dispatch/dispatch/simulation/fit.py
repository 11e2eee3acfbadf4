"""Which parameters serve best on the first days, and how were they found?

Acceptance is fitted to the answers that the engine's own offers got; then the price of fairness to the bar for the Gini
of accepted, with the gap between one learning day and the others as margin; the other numbers by a seeded random search
around the best so far. Only the learning days are played, with seeds of their own; labels, coins and true willingness
are not read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType

import numpy as np

from dispatch.matching.acceptance import AcceptanceModel, Answer
from dispatch.matching.parameters import Parameters
from dispatch.matching.pressure import Demand
from dispatch.simulation.city_data import CityData
from dispatch.simulation.engine_policy import EnginePolicy
from dispatch.simulation.policies import PolicyName
from dispatch.simulation.runs import Player, Run, Task, mean_of
from dispatch.simulation.scenarios import Pick, Scenario, learning_days, scenarios_of, usual_demand, world_at
from dispatch.simulation.simulator import Simulation
from dispatch.simulation.state import State
from dispatch.simulation.world import Answers

FIRST_SEED = 101
SEEDS = 2
FAIR_SEEDS = 4
FAIR_GINI = 0.48
FAIRNESS_S = tuple(range(50, 301, 25))
UNFAIR_COSTS = 1.0
WORSE_TAIL_COSTS = 0.5
WAYS_M = tuple(float(each) for each in range(3_000, 12_001, 500))
PRIORS = tuple(
    (round(total * share, 2), round(total * (1 - share), 2))
    for total in (3.0, 6.0, 12.0)
    for share in (each / 20 for each in range(8, 17))
)
RANGES: MappingProxyType[str, tuple[float, float]] = MappingProxyType(
    {
        "ask_ahead_s": (300.0, 550.0),
        "worth_s": (5_000.0, 12_000.0),
        "wait_floor_s": (300.0, 3_000.0),
        "wait_share": (0.2, 1.2),
        "pressure_share": (0.4, 1.8),
        "pressure_limit": (3.0, 12.0),
        "busy_price": (0.0, 2.0),
    }
)
STEP = 0.3


@dataclass(frozen=True, slots=True)
class Trial:
    """Parameters that were tried, and what they scored: mean relative response with penalties, lower is better."""

    parameters: Parameters
    score: float


@dataclass(slots=True)
class Listener:
    """An engine that also notes who said what from how far: (volunteer row, metres, answer)."""

    engine: EnginePolicy
    heard: list[tuple[int, float, Answer]]
    look_again_s: float = 60.0

    def decide(self, state: State) -> Sequence[tuple[int, int]]:
        return self.engine.decide(state)

    def on_answer(self, state: State, report: int, volunteer: int, answer: Answer) -> None:
        self.heard.append((volunteer, state.distance_m(report, volunteer), answer))
        self.engine.on_answer(state, report, volunteer, answer)


def fit_acceptance(city: CityData, start: Parameters) -> AcceptanceModel:
    """Distance scale and prior that make the answers of the learning days most likely."""
    scenario = next(each for each in scenarios_of(city) if each.answers is Answers.COINS)
    demand = usual_demand(city)
    heard = [_heard(city, Pick(scenario, day, FIRST_SEED), start, demand) for day in learning_days(city)]
    return max(_models(), key=lambda model: sum(_log_likelihood(model, each) for each in heard))


def fit_fairness(city: CityData, player: Player, start: Parameters, say: Callable[[str], None]) -> float:
    """The lowest price of fairness under which the Gini of accepted should hold on days not seen.

    It must hold on the middle roster with as much to spare as one day to learn from differs from the others.
    """
    seeds = range(FIRST_SEED, FIRST_SEED + FAIR_SEEDS)
    picks = [Pick(_middle(city), day, seed) for day in learning_days(city) for seed in seeds]

    def is_fair(fairness_s: int) -> bool:
        tried = replace(start, fairness_s=float(fairness_s))
        runs = player.play([Task(pick, PolicyName.OURS, tried) for pick in picks])
        say(f"fairness_s {fairness_s}: Gini with margin {_gini_with_margin(city, runs):.3f}")
        return _gini_with_margin(city, runs) <= FAIR_GINI

    at = bisect_left(FAIRNESS_S[:-1], True, key=is_fair)
    return float(FAIRNESS_S[at])


def _gini_with_margin(city: CityData, runs: Sequence[Run]) -> float:
    """Mean over the learning days, and the largest gap of one of them to the mean of the others on top."""
    days = learning_days(city)
    each = np.array([mean_of([run for run in runs if run.task.pick.day == day], "gini_accepted") for day in days])
    others = [float(np.delete(each, at).mean()) for at in range(len(each))] if len(each) > 1 else list(each)
    return float(each.mean() + np.abs(each - others).max())


def _models() -> list[AcceptanceModel]:
    return [AcceptanceModel(prior_yes=yes, prior_no=no, way_m=way_m) for way_m in WAYS_M for yes, no in PRIORS]


def _heard(city: CityData, pick: Pick, start: Parameters, demand: Demand) -> list[tuple[int, float, Answer]]:
    world = world_at(city, pick)
    listener = Listener(EnginePolicy(world, start, demand), [])
    Simulation(world, listener).run()
    return listener.heard


def _log_likelihood(model: AcceptanceModel, heard: Sequence[tuple[int, float, Answer]]) -> float:
    """Each answer predicted from the worker's earlier ones."""
    yes: dict[int, float] = {}
    answers: dict[int, float] = {}
    total = 0.0
    for who, way_m, answer in heard:
        willing = (model.prior_yes + yes.get(who, 0)) / (model.prior_yes + model.prior_no + answers.get(who, 0))
        thinned = float(np.exp(-way_m / model.way_m))
        chance = min(max(willing * thinned, 1e-6), 1 - 1e-6)
        total += float(np.log(chance if answer is Answer.YES else 1 - chance))
        minded = willing * (1 - thinned) / (1 - willing * thinned)
        yes[who] = yes.get(who, 0.0) + (1.0 if answer is Answer.YES else minded)
        answers[who] = answers.get(who, 0.0) + 1.0
    return total


def fit(city: CityData, player: Player, *, start: Parameters, trials: int, say: Callable[[str], None]) -> Trial:
    """The best parameters found, with how they were found written into them.

    Arguments:
        trials: how many are tried beside the start.
        say: told the score of each trial.
    """
    start = replace(start, acceptance=fit_acceptance(city, start))
    say(f"acceptance {start.acceptance}")
    start = replace(start, fairness_s=fit_fairness(city, player, start, say))
    picks = _picks(city)
    greedy = player.play([Task(pick, PolicyName.GREEDY, start) for pick in picks])
    chance, best = Random(FIRST_SEED), Trial(start, _score(city, picks, player, start, greedy))
    say(f"start {best.score:+.4f}")
    for number in range(1, trials + 1):
        tried = _near(best.parameters, chance)
        trial = Trial(tried, _score(city, picks, player, tried, greedy))
        say(f"trial {number} {trial.score:+.4f}, best {min(best.score, trial.score):+.4f}")
        best = min(best, trial, key=lambda each: each.score)
    return Trial(replace(best.parameters, how=_how(city, trials, best.score)), best.score)


def _how(city: CityData, trials: int, score: float) -> str:
    days = ", ".join(learning_days(city))
    search = (
        f"the rest by {trials} steps of a seeded random search"
        if trials
        else "the rest as it stood (see docs/matching.md)"
    )
    return (
        f"`lamplight fit --trials {trials}`: acceptance by likelihood, fairness_s as the lowest whose Gini of accepted "
        f"holds with the gap between the learning days as margin, {search}, on {days} with seeds from {FIRST_SEED}; "
        f"score {score:+.4f} (mean response against greedy)"
    )


def _picks(city: CityData) -> list[Pick]:
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    return [Pick(each, day, seed) for each in scenarios_of(city) for day in learning_days(city) for seed in seeds]


def _near(parameters: Parameters, chance: Random) -> Parameters:
    """Three numbers changed by up to a third of their range."""
    changed = {}
    for name in chance.sample(sorted(RANGES), 3):
        low, high = RANGES[name]
        value = getattr(parameters, name) + chance.uniform(-STEP, STEP) * (high - low)
        changed[name] = round(min(max(value, low), high), 3)
    return replace(parameters, **changed)


def _score(city: CityData, picks: list[Pick], player: Player, parameters: Parameters, greedy: list[Run]) -> float:
    runs = player.play([Task(pick, PolicyName.OURS, parameters) for pick in picks])
    scores = []
    for scenario in scenarios_of(city):
        ours, theirs = _of(runs, scenario), _of(greedy, scenario)
        score = mean_of(ours, "mean_min") / mean_of(theirs, "mean_min") - 1
        score += WORSE_TAIL_COSTS * max(mean_of(ours, "p95_min") / mean_of(theirs, "p95_min") - 1, 0.0)
        if scenario == _middle(city):
            score += UNFAIR_COSTS * max(_gini_with_margin(city, ours) - FAIR_GINI, 0.0)
        scores.append(score)
    return float(np.mean(scores))


def _middle(city: CityData) -> Scenario:
    return Scenario(scenarios_of(city)[-1].volunteers, Answers.COINS)


def _of(runs: list[Run], scenario: Scenario) -> list[Run]:
    return [run for run in runs if run.task.pick.scenario == scenario]
