"""D5: how much more is a planned patrol worth than one that always goes on to the nearest spot?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np

from dispatch.patrol_plans.nearest_next import nearest_next
from dispatch.patrol_plans.planner import plan_patrol
from dispatch.patrol_plans.shifts import Moves, Shift, Spot, Team, Window
from dispatch.patrol_plans.spot_weights import Slot, Visit, Weights, learn
from dispatch.simulation.city_data import CityData
from dispatch.simulation.scenarios import learning_days, measured_days
from tests.bench.dispatching.measured import city_at
from tests.bench.result import BenchResult

ID = "D5"
BAR, AIM, LONGEST_S = 0.15, 0.20, 20.0
TEAMS, SPOTS = 12, 224
DWELL_S, WINDOW_S = 600.0, 7_200.0
GRID_DEGREES = 0.006
NOON_S, EVENING_S = 12 * 3_600.0, 17 * 3_600.0


def run(data: Path | None) -> list[BenchResult]:
    """The 224 grid cells with most reports, weights learned on the first days; noon and evening shifts of two days."""
    city = city_at(data)
    shifts = [_shift(city, day, begins_s) for day in measured_days(city)[:2] for begins_s in (NOON_S, EVENING_S)]
    runs = [_measured(shift) for shift in shifts]
    gain = float(np.mean([float(str(each["gain"])) for each in runs]))
    longest_s = max(float(str(each["seconds"])) for each in runs)
    return [
        BenchResult(
            id=ID,
            what=f"weighted stops against nearest-next, {TEAMS} teams, {SPOTS} spots, 2 h",
            value=round(100 * gain, 2),
            unit="%",
            bar=f">= {100 * BAR:.0f} % in <= {LONGEST_S:.0f} s",
            met=gain >= BAR and longest_s <= LONGEST_S,
            runs=runs,
            aim=f"{100 * AIM:.0f} %",
            notes=[f"longest plan {longest_s:.1f} s; teams ride bicycles and stay ten minutes"],
        )
    ]


def _measured(shift: Shift) -> dict[str, object]:
    began = perf_counter()
    plan = plan_patrol(shift)
    seconds = perf_counter() - began
    obvious = nearest_next(shift)
    return {
        "gain": plan.worth(shift) / obvious.worth(shift) - 1,
        "seconds": seconds,
        "worth": plan.worth(shift),
        "nearest_next_worth": obvious.worth(shift),
        "stops": SPOTS - len(plan.left_out),
        "nearest_next_stops": SPOTS - len(obvious.left_out),
    }


def _shift(city: CityData, day: str, begins_s: float) -> Shift:
    cells = _busiest_cells(city)
    weights, slot = _weights(city, cells), Slot(date.fromisoformat(day).weekday(), int(begins_s // 3_600))
    spots = [
        Spot(
            f"{east}:{north}",
            east * GRID_DEGREES,
            north * GRID_DEGREES,
            weights.expected(f"{east}:{north}", slot),
            DWELL_S,
        )
        for east, north in cells
    ]
    starts = spots[:: SPOTS // TEAMS][:TEAMS]
    on_duty = Window(begins_s, begins_s + WINDOW_S)
    teams = [Team(f"team-{number}", at.lon, at.lat, on_duty, Moves.BICYCLE) for number, at in enumerate(starts)]
    return Shift(tuple(teams), tuple(spots))


def _busiest_cells(city: CityData) -> list[tuple[int, int]]:
    counts: dict[tuple[int, int], int] = {}
    for day in learning_days(city):
        for cell in _cells(city, day):
            counts[cell] = counts.get(cell, 0) + 1
    return sorted(sorted(counts), key=lambda cell: -counts[cell])[:SPOTS]


def _weights(city: CityData, cells: list[tuple[int, int]]) -> Weights:
    """Each hour of a learning day counts as one visit to each spot, with that hour's reports as its sightings."""
    visits = []
    for day in learning_days(city):
        weekday = date.fromisoformat(day).weekday()
        found: dict[tuple[tuple[int, int], int], int] = {}
        for cell, at_s in zip(_cells(city, day), city.days[day].at_s.tolist(), strict=True):
            key = (cell, int(at_s // 3_600))
            found[key] = found.get(key, 0) + 1
        visits += [
            Visit(f"{east}:{north}", Slot(weekday, hour), found.get(((east, north), hour), 0))
            for east, north in cells
            for hour in range(7, 22)
        ]
    return learn(visits)


def _cells(city: CityData, day: str) -> list[tuple[int, int]]:
    reports = city.days[day]
    east = np.round(reports.lon / GRID_DEGREES).astype(int).tolist()
    return list(zip(east, np.round(reports.lat / GRID_DEGREES).astype(int).tolist(), strict=True))
