"""Which tiny worlds do the simulator's tests play, small enough to be worked out by hand?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from dispatch.simulation.world import Answers, Reports, Volunteers, World, world_of

LON, LAT = 120.6, 31.3
METRE = 1 / 111_195
DAY_S = 86_400.0
MOTORCYCLE_S_PER_M = 1.3 * 3.6 / 25


@dataclass(frozen=True, slots=True)
class Instant(World):
    """A world where every answer is there at once."""

    def answer_after_s(self, report: int, volunteer: int) -> float:
        return 0.0


def reports(at_s: Sequence[float], north_m: Sequence[float]) -> Reports:
    """Reports on one meridian, so many metres to the north."""
    count = len(at_s)
    return Reports(
        ids=np.arange(count),
        at_s=np.array(at_s, dtype=np.float64),
        lon=np.full(count, LON),
        lat=LAT + np.array(north_m, dtype=np.float64) * METRE,
        category=np.zeros(count, dtype=np.int64),
    )


def volunteers(
    north_m: Sequence[float], *, on_s: float = 0.0, off_s: float = DAY_S, willing: float = 0.7
) -> Volunteers:
    """Motorcyclists on the same meridian."""
    count = len(north_m)
    return Volunteers(
        ids=np.arange(count),
        lon=np.full(count, LON),
        lat=LAT + np.array(north_m, dtype=np.float64) * METRE,
        on_s=np.full(count, on_s),
        off_s=np.full(count, off_s),
        vehicle=("motorcycle",) * count,
        base_accept=np.full(count, willing),
    )


def instant(some: Reports, people: Volunteers, on_site_s: float | Sequence[float]) -> Instant:
    """A world without chance: all say yes at once and stay so long."""
    world = world_of("2026-01-01", 1, some, people, Answers.ALWAYS_YES)
    stays = np.broadcast_to(np.array(on_site_s, dtype=np.float64), (len(some),)).copy()
    columns = {name: getattr(world, name) for name in World.__dataclass_fields__}
    return replace(Instant(**columns), on_site_s=stays)


def random_world(seed: int, *, count: int = 60, people: int = 8, answers: Answers = Answers.COINS) -> World:
    """A morning in a small town."""
    chance = np.random.default_rng(seed)
    some = reports(sorted(chance.uniform(25_000, 40_000, count)), list(chance.uniform(0, 6_000, count)))
    crew = volunteers(list(chance.uniform(0, 6_000, people)), on_s=28_000.0, off_s=70_000.0)
    return world_of("2026-01-01", seed, some, crew, answers)


def write_city(folder: Path) -> Path:
    """Five days of a small town as CSV files."""
    chance = np.random.default_rng(3)
    rows: list[tuple[int, str, str, float, float]] = []
    for day in range(1, 6):
        for at_s in sorted(chance.uniform(0, 80_000, 30)):
            at = pd.Timestamp(2026, 1, day) + pd.Timedelta(seconds=int(at_s))
            place = LAT + chance.uniform(0, 6_000) * METRE
            rows.append((len(rows), at.isoformat(), "litter", place, LON))
    columns = ["service_request_id", "date_requested", "service_name", "lat", "lng"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "reports.csv", index=False)
    crew = [(row, LAT + row * 600 * METRE, LON, 20_000 + 900 * row, 79_200, "motorcycle", 0.7) for row in range(6)]
    names = ["volunteer_id", "lat", "lng", "on_s", "off_s", "vehicle", "base_accept"]
    pd.DataFrame(crew, columns=names).to_csv(folder / "volunteers_6.csv", index=False)
    return folder
