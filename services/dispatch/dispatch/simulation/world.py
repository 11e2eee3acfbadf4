"""Which rules does every policy of the simulator meet: travel, answers, time on site, giving up?

All chance comes from hashes of the report, the volunteer and the seed, so that two policies that ask the same volunteer
for the same report get the same answer, and a run can be repeated anywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

import numpy as np
from scipy.special import ndtri

from dispatch.matching.columns import Flags, Floats, Ids, Ints
from dispatch.matching.free_times import OnSite
from dispatch.matching.plane import plane_of

SPEED_KMH = MappingProxyType({"car": 25.0, "motorcycle": 25.0, "bicycle": 14.0, "walking": 5.0})
DETOUR = 1.3
WAY_M = 6_000.0
ANSWER_MEAN_S = 40.0
ANSWER_LEAST_S, ANSWER_MOST_S = 5.0, 120.0
DROPPED_AFTER_S = 4 * 3_600.0
ON_SITE = OnSite(median_s=480.0, sigma=0.5)


class Answers(StrEnum):
    """Whether volunteers may say no."""

    COINS = "coins"
    ALWAYS_YES = "always_yes"


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of one day: ids, seconds of the day, degrees, a number per category."""

    ids: Ids
    at_s: Floats
    lon: Floats
    lat: Floats
    category: Ints

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Volunteers:
    """Who is on duty when: homes in degrees, shifts in seconds of the day.

    `base_accept` is the world's secret; no policy but the clairvoyant reference reads it.
    """

    ids: Ids
    lon: Floats
    lat: Floats
    on_s: Floats
    off_s: Floats
    vehicle: tuple[str, ...]
    base_accept: Floats

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class World:
    """One day with one seed.

    Arguments:
        report_m, home_m: (east, north) metres on one flat map. metres_per_degree: its scale, east and north.
        pace_s_per_m: travel seconds per metre of straight line, per volunteer.
        on_site_s: time on site per report, hidden from the policies.
    """

    day: str
    seed: int
    reports: Reports
    volunteers: Volunteers
    answers: Answers
    report_m: Floats
    home_m: Floats
    pace_s_per_m: Floats
    on_site_s: Floats
    metres_per_degree: Floats

    def answer(self, report: int, volunteer: int, distance_m: float) -> tuple[bool, float]:
        """Whether this volunteer says yes from this far away, and after how many seconds."""
        said_yes = self.answers is Answers.ALWAYS_YES or self.coin(report, volunteer) < float(
            self.volunteers.base_accept[volunteer]
        ) * math.exp(-distance_m / WAY_M)
        return said_yes, self.answer_after_s(report, volunteer)

    def coin(self, report: int, volunteer: int) -> float:
        """The coin of a volunteer for a report, 0..1."""
        return uniform(f"{self.reports.ids[report]}:{self.volunteers.ids[volunteer]}:{self.seed}")

    def answer_after_s(self, report: int, volunteer: int) -> float:
        """Seconds until the answer: exponential with a mean of 40, clipped to 5..120."""
        u = uniform(f"{self.reports.ids[report]}:{self.volunteers.ids[volunteer]}:{self.seed}:answer")
        return min(max(-ANSWER_MEAN_S * math.log1p(-u), ANSWER_LEAST_S), ANSWER_MOST_S)


def uniform(key: str) -> float:
    """A number in 0..1 from the hash of a text: the same on every machine."""
    return int(sha256(key.encode()).hexdigest()[:8], 16) / 2**32


def world_of(day: str, seed: int, reports: Reports, volunteers: Volunteers, answers: Answers) -> World:
    """Lay reports and volunteers on one map and draw the hidden times on site."""
    plane = plane_of(reports.lat if len(reports) else volunteers.lat)
    draws = np.array([uniform(f"{each}:{seed}:on_site") for each in reports.ids], dtype=np.float64)
    on_site_s = ON_SITE.median_s * np.exp(ON_SITE.sigma * ndtri(np.clip(draws, 1e-9, 1 - 1e-9)))
    pace = np.array([DETOUR * 3.6 / SPEED_KMH[each] for each in volunteers.vehicle], dtype=np.float64)
    return World(
        day=day,
        seed=seed,
        reports=reports,
        volunteers=volunteers,
        answers=answers,
        report_m=plane.metres(reports.lon, reports.lat),
        home_m=plane.metres(volunteers.lon, volunteers.lat),
        pace_s_per_m=pace,
        on_site_s=on_site_s,
        metres_per_degree=plane.metres(np.ones(1), np.ones(1))[0],
    )


def servable(world: World) -> Flags:
    """Per report: is anybody on duty at any time before it is dropped?"""
    on_s, off_s = world.volunteers.on_s[None, :], world.volunteers.off_s[None, :]
    at_s = world.reports.at_s[:, None]
    return np.asarray(((off_s > at_s) & (on_s < at_s + DROPPED_AFTER_S)).any(axis=1))
