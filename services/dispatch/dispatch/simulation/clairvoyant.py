"""How short could the waits of a day have been, had everything been known beforehand?

Best insertion, then large neighbourhood search with simulated annealing: reports that are near in space and time are
taken out together and put back where they cost least. The result is the best plan found, an upper bound on the true
optimum: the gap to it can only be larger than printed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dispatch.matching.columns import Ints
from dispatch.simulation.metrics import Outcome
from dispatch.simulation.routes import NOTHING, Routes, empty_routes, known_of
from dispatch.simulation.world import DETOUR, DROPPED_AFTER_S, World, servable

SMALLEST, LARGEST = 4, 12
WARMTH_S = 600.0
M_PER_S = 5.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: rounds of taking out and putting back."""

    rounds: int = 4_000
    seed: int = 0


def best_plan(world: World, effort: Effort) -> Outcome:
    """The figures of the best plan found."""
    known = known_of(world)
    routes = empty_routes(known)
    for report in range(len(world.reports)):
        routes.insert(report)
    return outcome_of(_searched(routes, effort))


def outcome_of(routes: Routes) -> Outcome:
    """Read a plan like the end of a simulated day; every offer is a yes."""
    world = routes.known.world
    served = routes.route != NOTHING
    travelled_m = 0.0
    for volunteer in range(len(world.volunteers)):
        places = routes.place_m[volunteer, : routes.length[volunteer] + 1]
        steps = np.diff(places, axis=0)
        travelled_m += float(np.hypot(steps[:, 0], steps[:, 1]).sum())
    return Outcome(
        response_min=np.minimum(routes.wait_s, DROPPED_AFTER_S) / 60,
        served=served,
        servable=servable(world),
        accepted=routes.length,
        offers=int(served.sum()),
        travelled_km=travelled_m * DETOUR / 1_000,
        decisions=0,
        deciding_s=0.0,
    )


def _searched(routes: Routes, effort: Effort) -> Routes:
    chance = np.random.default_rng(effort.seed)
    pool = np.flatnonzero(servable(routes.known.world))
    best, current = routes.copy(), routes
    for done in range(effort.rounds if len(pool) else 0):
        changed = current.copy()
        taken = changed.remove(_related(changed, pool, chance))
        chance.shuffle(taken)
        noise = 0.1 if chance.random() < 0.3 else 0.0
        for report in taken:
            changed.insert(report, noise=noise, chance=chance)
        warmth_s = WARMTH_S * (1 - done / effort.rounds) * -math.log(max(chance.random(), 1e-9)) / 2
        if changed.wait_s.sum() < current.wait_s.sum() + warmth_s:
            current = changed
        if current.wait_s.sum() < best.wait_s.sum():
            best = current.copy()
    return best


def _related(routes: Routes, pool: Ints, chance: np.random.Generator) -> list[int]:
    """A report, mostly one that waits long, and those near to it in space and time."""
    waits = routes.wait_s[pool]
    is_weighted = chance.random() < 0.7
    centre = int(chance.choice(pool, p=waits / waits.sum() if is_weighted else None))
    world = routes.known.world
    ways = world.report_m[pool] - world.report_m[centre]
    served_at_s = world.reports.at_s + np.where(routes.route != NOTHING, routes.wait_s, routes.wait_s / 2)
    apart = np.hypot(ways[:, 0], ways[:, 1]) / M_PER_S + np.abs(served_at_s[pool] - served_at_s[centre])
    count = min(int(chance.integers(SMALLEST, LARGEST)), len(pool))
    nearest = np.argsort(apart * (1 + chance.random(len(pool))), kind="stable")[:count]
    return sorted({centre, *pool[nearest].tolist()})
