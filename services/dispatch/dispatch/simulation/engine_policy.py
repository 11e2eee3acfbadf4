"""How does the matching engine that dispatch runs in production play in the simulator?

This file only translates: it hands the engine what a live service would know at that moment, and never the coins, the
true willingness, or the time on site of a visit that is not over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatch.matching.acceptance import Answer, Record, after_answer, thinning
from dispatch.matching.cases import Cases
from dispatch.matching.columns import Floats, Ints
from dispatch.matching.engine import decide
from dispatch.matching.free_times import OnSite
from dispatch.matching.parameters import Parameters
from dispatch.matching.pressure import Demand, Shifts, queue_clears_in_s, todays_share
from dispatch.matching.problem import Problem, problem_of
from dispatch.matching.workers import ANY_VEHICLE, VEHICLES, Workers
from dispatch.simulation.state import State
from dispatch.simulation.world import DROPPED_AFTER_S, World

CLOCK_S = 1_000_000_000.0
"""The simulated day begins at this POSIX time; the engine knows no second of the day."""
LOOK_AT_THE_QUEUE_S = 120.0


@dataclass(slots=True)
class EnginePolicy:
    """The production engine with frozen parameters, learning from the answers of this day only.

    Arguments:
        history: answers per volunteer row before this day; empty at first.
    """

    world: World
    parameters: Parameters
    demand: Demand
    on_site: OnSite = field(default_factory=OnSite)
    history: dict[int, Record] = field(default_factory=dict)
    look_again_s: float = 60.0
    _vehicles: Ints = field(init=False)
    _yes: Floats = field(init=False)
    _answers: Floats = field(init=False)
    _clears_in_s: float = 0.0
    _looked_at_s: float = -LOOK_AT_THE_QUEUE_S

    def __post_init__(self) -> None:
        people = range(len(self.world.volunteers))
        blank = Record()
        self._vehicles = np.array([VEHICLES[each] for each in self.world.volunteers.vehicle], dtype=np.int64)
        self._yes = np.array([self.history.get(row, blank).yes for row in people])
        self._answers = np.array([self.history.get(row, blank).answers for row in people])

    def decide(self, state: State) -> Sequence[tuple[int, int]]:
        plan = decide(self.problem(state), self.parameters)
        return [(int(report), int(volunteer)) for report, volunteer in plan.asks()]

    def on_answer(self, state: State, report: int, volunteer: int, answer: Answer) -> None:
        model, record = self.parameters.acceptance, Record(self._yes[volunteer], self._answers[volunteer])
        way_m = np.array([state.distance_m(report, volunteer)])
        category = self.world.reports.category[report : report + 1]
        thinned = float(thinning(model, way_m, category, _hour(state))[0])
        record = after_answer(model, record, thinned=thinned, answer=answer)
        self._yes[volunteer], self._answers[volunteer] = record.yes, record.answers

    def records(self) -> dict[int, Record]:
        """What has been learned per volunteer row, to begin the next day with."""
        learned = zip(self._yes.tolist(), self._answers.tolist(), strict=True)
        return {row: Record(yes, answers) for row, (yes, answers) in enumerate(learned) if answers}

    def problem(self, state: State) -> Problem:
        """What the engine is handed at this moment; rows of the world are its ids."""
        rows = np.flatnonzero(state.waiting)
        asked = {row: state.asked[row] for row in rows.tolist() if state.asked[row]}
        return problem_of(
            self._cases(rows),
            self._workers(state),
            now_s=CLOCK_S + state.now_s,
            hour=_hour(state),
            clears_in_s=self._queue(state, len(rows)),
            asked=asked,
        )

    def _cases(self, rows: Ints) -> Cases:
        reports, none = self.world.reports, np.zeros(len(rows), dtype=np.int64)
        at_s = CLOCK_S + reports.at_s[rows]
        return Cases(
            ids=rows,
            lon=reports.lon[rows],
            lat=reports.lat[rows],
            reported_at_s=at_s,
            expires_at_s=at_s + DROPPED_AFTER_S,
            urgency=np.ones(len(rows)),
            category=reports.category[rows],
            skills=none,
            vehicles=none + ANY_VEHICLE,
        )

    def _workers(self, state: State) -> Workers:
        people = self.world.volunteers
        free_at_s = state.expected_free_at_s(self.on_site)
        rows = np.flatnonzero(np.isfinite(free_at_s))
        none, lonlat = np.zeros(len(rows), dtype=np.int64), self._degrees(state.place_m[rows])
        asked_at_s = state.last_asked_at_s[rows]
        return Workers(
            ids=rows,
            lon=lonlat[:, 0],
            lat=lonlat[:, 1],
            free_at_s=CLOCK_S + free_at_s[rows],
            on_duty_from_s=CLOCK_S + people.on_s[rows],
            on_duty_until_s=CLOCK_S + people.off_s[rows],
            pace_s_per_m=self.world.pace_s_per_m[rows],
            vehicle=self._vehicles[rows],
            skills=none,
            load=none,
            capacity=none + 1,
            reach_m=np.full(len(rows), np.inf),
            last_asked_at_s=np.where(asked_at_s > 0, CLOCK_S + asked_at_s, 0.0),
            quiet_until_s=np.zeros(len(rows)),
            accepted=state.accepted[rows],
            hours_on_duty=np.maximum(state.now_s - people.on_s[rows], 0.0) / 3_600,
            yes=self._yes[rows],
            answers=self._answers[rows],
        )

    def _degrees(self, places_m: Floats) -> Floats:
        """Back from the flat map."""
        return places_m / self.world.metres_per_degree

    def _queue(self, state: State, waiting: int) -> float:
        if state.now_s - self._looked_at_s >= LOOK_AT_THE_QUEUE_S:
            people = self.world.volunteers
            self._looked_at_s = state.now_s
            self._clears_in_s = queue_clears_in_s(
                self.demand,
                Shifts(people.on_s, people.off_s),
                second_of_day=state.now_s,
                waiting=waiting,
                busy_share=todays_share(self.demand, second_of_day=state.now_s, seen_today=state.reported),
                cycle_s=self.parameters.cycle_s,
            )
        return self._clears_in_s


def _hour(state: State) -> int:
    return int(state.now_s // 3_600) % 24
