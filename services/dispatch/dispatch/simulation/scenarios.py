"""Which rosters and answers is a policy tried on, and on which days?

The first days of a data set are for learning: usual demand, fitted parameters. What is reported comes from the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.matching.pressure import QUARTER_S, QUARTERS_PER_DAY, Demand
from dispatch.simulation.city_data import CityData
from dispatch.simulation.world import Answers, World, world_of

LEARNING_DAYS = 3
SMOOTHED_QUARTERS = 5
WHOLE_DAY_BEGINS_BEFORE_S = 6 * 3_600.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A roster of so many volunteers, who may say no or not."""

    volunteers: int
    answers: Answers

    @property
    def name(self) -> str:
        """Such as `250` or `250 without declines`."""
        return str(self.volunteers) + ("" if self.answers is Answers.COINS else " without declines")


@dataclass(frozen=True, slots=True)
class Pick:
    """One run: scenario, day and seed."""

    scenario: Scenario
    day: str
    seed: int


def scenarios_of(city: CityData) -> list[Scenario]:
    """Every roster with declines, and the middle one without."""
    sizes = sorted(city.volunteers)
    middle = sizes[len(sizes) // 2 if len(sizes) > 1 else 0]
    return [*(Scenario(size, Answers.COINS) for size in sizes), Scenario(middle, Answers.ALWAYS_YES)]


def learning_days(city: CityData) -> list[str]:
    """The first days, of those that the data hold from early morning on."""
    first = sorted(city.days)[:LEARNING_DAYS]
    return [day for day in first if city.days[day].at_s[0] < WHOLE_DAY_BEGINS_BEFORE_S] or first


def measured_days(city: CityData) -> list[str]:
    """All days after the first ones; every day when there are no more than those."""
    return sorted(city.days)[LEARNING_DAYS:] or sorted(city.days)


def picks_of(scenario: Scenario, days: list[str], seeds: int) -> list[Pick]:
    """Every day with every seed, 1 and up."""
    return [Pick(scenario, day, seed) for day in days for seed in range(1, seeds + 1)]


def world_at(city: CityData, pick: Pick) -> World:
    """The world of one run."""
    reports, volunteers = city.days[pick.day], city.volunteers[pick.scenario.volunteers]
    return world_of(pick.day, pick.seed, reports, volunteers, pick.scenario.answers)


def usual_demand(city: CityData) -> Demand:
    """Reports per second by quarter of an hour, averaged over the learning days and smoothed over five quarters."""
    days = learning_days(city)
    counts = np.zeros(QUARTERS_PER_DAY)
    for day in days:
        quarters = (city.days[day].at_s // QUARTER_S).astype(np.int64)
        counts += np.bincount(quarters, minlength=QUARTERS_PER_DAY)[:QUARTERS_PER_DAY]
    rates = counts / (len(days) * QUARTER_S)
    half = SMOOTHED_QUARTERS // 2
    around = np.concatenate((rates[-half:], rates, rates[:half]))
    return Demand(np.convolve(around, np.ones(SMOOTHED_QUARTERS) / SMOOTHED_QUARTERS, "valid"))
