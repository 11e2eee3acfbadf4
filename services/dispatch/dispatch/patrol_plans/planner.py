"""Which team visits which spots, in which order and when, so that the visits are worth most?

Solved as a vehicle-routing problem with time windows by VROOM. Its jobs have priorities of 0 to 100: weights are scaled
into them, so that with too little time the spots worth least are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import vroom

from dispatch.patrol_plans.shifts import SPEED_KMH, Moves, Shift, Spot, Team

HIGHEST_PRIORITY = 100
HEAVY_QUANTILE = 0.9
"""Spots from here on all have the highest priority: they are planned anyway, and the others keep their proportions."""
THREADS = 2
EXPLORATION = 5
"""On the solver's own scale of 0 to 5."""
LONGEST = timedelta(seconds=12)


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a plan, POSIX seconds."""

    spot_id: str
    arrives_at_s: float
    leaves_at_s: float


@dataclass(frozen=True, slots=True)
class PatrolPlan:
    """Visits per team in order, and the spots that found no room."""

    visits: dict[str, tuple[Visit, ...]]
    left_out: tuple[str, ...]

    def worth(self, shift: Shift) -> float:
        """Summed weight of the spots visited."""
        weights = {spot.id: spot.weight for spot in shift.spots}
        return sum(weights[visit.spot_id] for visits in self.visits.values() for visit in visits)


def plan_patrol(shift: Shift) -> PatrolPlan:
    """The best plan the solver finds for a shift, or for what is left of one (see `shifts.rest_of`)."""
    empty: dict[str, tuple[Visit, ...]] = {team.id: () for team in shift.teams}
    if not shift.teams or not shift.spots:
        return PatrolPlan(empty, tuple(spot.id for spot in shift.spots))
    solution = _problem(shift).solve(exploration_level=EXPLORATION, nb_threads=THREADS, timeout=LONGEST)
    routes = solution.routes
    found = dict(empty)
    for vehicle, steps in routes[routes["type"] == "job"].groupby("vehicle_id"):
        found[shift.teams[int(str(vehicle))].id] = tuple(
            _visit(shift, int(step["id"]), float(step["arrival"] + step["waiting_time"]))
            for _, step in steps.sort_values("arrival").iterrows()
        )
    visited = {visit.spot_id for visits in found.values() for visit in visits}
    return PatrolPlan(found, tuple(spot.id for spot in shift.spots if spot.id not in visited))


def _visit(shift: Shift, index: int, begins_s: float) -> Visit:
    spot = shift.spots[index]
    return Visit(spot.id, begins_s, begins_s + spot.dwell_s)


def _problem(shift: Shift) -> vroom.Input:
    problem = vroom.Input()
    metres = shift.metres()
    for moves in {team.moves for team in shift.teams}:
        seconds = np.ceil(metres * 3.6 / SPEED_KMH[moves]).astype(np.uint32)
        problem.set_durations_matrix(profile=moves.value, matrix_input=seconds)
    problem.add_vehicle([_vehicle(index, team) for index, team in enumerate(shift.teams)])
    heavy = float(np.quantile([spot.weight for spot in shift.spots], HEAVY_QUANTILE)) or 1.0
    jobs = [_job(index, spot, heavy, len(shift.teams)) for index, spot in enumerate(shift.spots)]
    problem.add_job(jobs)
    return problem


def _vehicle(index: int, team: Team) -> vroom.Vehicle:
    window = vroom.TimeWindow(int(team.on_duty.from_s), int(team.on_duty.until_s))
    return vroom.Vehicle(id=index, start=index, profile=Moves(team.moves).value, time_window=window)


def _job(index: int, spot: Spot, heavy: float, teams: int) -> vroom.Job:
    windows = [vroom.TimeWindow(int(spot.window.from_s), int(spot.window.until_s))] if spot.window else []
    priority = min(round(HIGHEST_PRIORITY * spot.weight / heavy), HIGHEST_PRIORITY)
    return vroom.Job(
        id=index, location=teams + index, default_service=round(spot.dwell_s), priority=priority, time_windows=windows
    )
