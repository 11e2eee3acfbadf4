"""How much is a visit to a spot worth at this weekday and hour, judged by what was found there before?

A rate per visit with a Gamma prior: a spot seldom visited keeps near the city's usual rate, and what was found on
other weekdays, or at other hours, counts less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7
OTHER_DAYS_COUNT = 0.6
OTHER_HOURS_COUNT = 0.1
PRIOR_VISITS = 2.0
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour of a weekday, Monday is 0."""

    weekday: int
    hour: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday < DAYS_PER_WEEK:
            raise ValueError(f"weekday: {self.weekday} is not within 0..6")
        if not 0 <= self.hour < HOURS_PER_DAY:
            raise ValueError(f"hour: {self.hour} is not within 0..23")


@dataclass(frozen=True, slots=True)
class Visit:
    """One check-in at a spot, and how many sightings it led to."""

    spot_id: str
    slot: Slot
    sightings: int


@dataclass(frozen=True, slots=True)
class Weights:
    """Expected sightings per visit, by spot and slot.

    Arguments:
        usual: the city's rate, for spots without a past.
        by_spot: (sightings, visits) over all hours; by_hour and by_slot: the same within one hour or slot.
    """

    usual: float
    by_spot: Mapping[str, tuple[float, float]]
    by_hour: Mapping[tuple[str, int], tuple[float, float]]
    by_slot: Mapping[tuple[str, Slot], tuple[float, float]]

    def expected(self, spot_id: str, slot: Slot) -> float:
        """Expected sightings of one visit."""
        nothing = (0.0, 0.0)
        within = (
            (OTHER_HOURS_COUNT, self.by_spot.get(spot_id, nothing)),
            (OTHER_DAYS_COUNT - OTHER_HOURS_COUNT, self.by_hour.get((spot_id, slot.hour), nothing)),
            (1.0 - OTHER_DAYS_COUNT, self.by_slot.get((spot_id, slot), nothing)),
        )
        found = sum(share * sightings for share, (sightings, _) in within)
        tried = sum(share * visits for share, (_, visits) in within)
        return (found + PRIOR_VISITS * self.usual) / (tried + PRIOR_VISITS)


def learn(visits: Iterable[Visit]) -> Weights:
    """The weights that past visits teach; without any, every spot is worth the same."""
    by_spot: dict[str, tuple[float, float]] = {}
    by_hour: dict[tuple[str, int], tuple[float, float]] = {}
    by_slot: dict[tuple[str, Slot], tuple[float, float]] = {}
    total_sightings = total_visits = 0
    for visit in visits:
        total_sightings, total_visits = total_sightings + visit.sightings, total_visits + 1
        _count(by_spot, visit.spot_id, visit.sightings)
        _count(by_hour, (visit.spot_id, visit.slot.hour), visit.sightings)
        _count(by_slot, (visit.spot_id, visit.slot), visit.sightings)
    return Weights((total_sightings + 1.0) / (total_visits + 1.0), by_spot, by_hour, by_slot)


def _count(table: dict[Key, tuple[float, float]], key: Key, sightings: int) -> None:
    before, visits = table.get(key, (0.0, 0.0))
    table[key] = (before + sightings, visits + 1.0)
