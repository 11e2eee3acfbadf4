"""Where does everybody stand at one moment of a simulated day?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dispatch.matching.columns import Flags, Floats, Ints
from dispatch.matching.free_times import OnSite, expected_rest_s
from dispatch.simulation.world import World

NOTHING = -1


class Doing(IntEnum):
    """What a volunteer does."""

    OFF_DUTY = 0
    IDLE = 1
    ANSWERING = 2
    AT_WORK = 3


@dataclass(slots=True)
class State:
    """Columns per volunteer and per report; changed by the simulation only, read by the policies.

    Arguments:
        place_m: where each volunteer is, or will be after the case at hand.
        arrives_at_s: when the case at hand is, or was, reached.
        offered, next_report: the report a volunteer is asked for, and the one accepted for later.
        waiting: reports that may be offered now.
        response_s: from report to arrival, NaN until somebody is on the way.
    """

    world: World
    now_s: float
    doing: Ints
    place_m: Floats
    arrives_at_s: Floats
    offered: Ints
    next_report: Ints
    accepted: Ints
    last_asked_at_s: Floats
    waiting: Flags
    promised: Flags
    response_s: Floats
    outstanding: Ints
    asked: list[set[int]]
    reported: int = 0
    offers: int = 0
    travelled_m: float = 0.0

    def distance_m(self, report: int, volunteer: int) -> float:
        """Straight line from where the volunteer is or will be."""
        here, there = self.place_m[volunteer], self.world.report_m[report]
        return float(np.hypot(here[0] - there[0], here[1] - there[1]))

    def expected_free_at_s(self, on_site: OnSite) -> Floats:
        """When each volunteer is expected to be free, with what can be known; infinite for those spoken for."""
        world, now_s = self.world, self.now_s
        free_at_s = np.full(len(world.volunteers), np.inf)
        free_at_s[self.doing == Doing.IDLE] = now_s
        at_work = self.doing == Doing.AT_WORK
        on_the_way = at_work & (now_s < self.arrives_at_s)
        free_at_s[on_the_way] = self.arrives_at_s[on_the_way] + on_site.mean_s
        there = at_work & ~on_the_way
        free_at_s[there] = now_s + expected_rest_s(on_site, now_s - self.arrives_at_s[there])
        to_come = (self.doing == Doing.OFF_DUTY) & (world.volunteers.on_s > now_s)
        free_at_s[to_come] = world.volunteers.on_s[to_come]
        free_at_s[(self.offered != NOTHING) | (self.next_report != NOTHING)] = np.inf
        return free_at_s


def start_of_day(world: World) -> State:
    """Midnight: nobody on duty, nothing reported."""
    people, reports = len(world.volunteers), len(world.reports)
    return State(
        world=world,
        now_s=0.0,
        doing=np.full(people, Doing.OFF_DUTY, dtype=np.int64),
        place_m=world.home_m.copy(),
        arrives_at_s=np.zeros(people),
        offered=np.full(people, NOTHING, dtype=np.int64),
        next_report=np.full(people, NOTHING, dtype=np.int64),
        accepted=np.zeros(people, dtype=np.int64),
        last_asked_at_s=np.zeros(people),
        waiting=np.zeros(reports, dtype=np.bool_),
        promised=np.zeros(reports, dtype=np.bool_),
        response_s=np.full(reports, np.nan),
        outstanding=np.zeros(reports, dtype=np.int64),
        asked=[set() for _ in range(reports)],
    )
