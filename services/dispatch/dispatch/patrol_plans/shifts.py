"""What is a patrol shift made of: teams, spots, and the ways between them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from dispatch.matching.columns import Floats, check_coordinates
from dispatch.matching.plane import plane_of

DETOUR = 1.3


class Moves(StrEnum):
    """How a team gets around."""

    WALKING = "walking"
    BICYCLE = "bicycle"
    MOTORCYCLE = "motorcycle"
    CAR = "car"


SPEED_KMH = {Moves.WALKING: 5.0, Moves.BICYCLE: 14.0, Moves.MOTORCYCLE: 25.0, Moves.CAR: 25.0}


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when, POSIX seconds."""

    from_s: float
    until_s: float

    def __post_init__(self) -> None:
        if not self.from_s <= self.until_s:
            raise ValueError(f"window: {self.until_s} is before {self.from_s}")


@dataclass(frozen=True, slots=True)
class Team:
    """A team, where it is when the shift (or what is left of it) begins, and how it moves."""

    id: str
    lon: float
    lat: float
    on_duty: Window
    moves: Moves = Moves.WALKING


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to be seen at.

    Arguments:
        weight: what a visit is worth, such as expected sightings.
        dwell_s: how long the team stays.
        window: when a visit counts; the whole shift when none is given.
    """

    id: str
    lon: float
    lat: float
    weight: float
    dwell_s: float
    window: Window | None = None

    def __post_init__(self) -> None:
        if not (self.weight >= 0 and self.dwell_s >= 0):
            raise ValueError(f"weight, dwell_s: {self.weight} and {self.dwell_s} must be at least 0")


@dataclass(frozen=True, slots=True)
class Shift:
    """Teams and spots of one slot.

    Arguments:
        ways_m: metres between all points, teams first, then spots; straight line × 1.3 when none is given.
    """

    teams: tuple[Team, ...]
    spots: tuple[Spot, ...]
    ways_m: Floats | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        points: Sequence[Team | Spot] = [*self.teams, *self.spots]
        check_coordinates(np.array([each.lon for each in points]), np.array([each.lat for each in points]))
        if self.ways_m is not None and self.ways_m.shape != (len(points), len(points)):
            raise ValueError(f"ways_m: {self.ways_m.shape}, {len(points)} points need a square of that size")

    def metres(self) -> Floats:
        """Street metres between all points, teams first, then spots."""
        if self.ways_m is not None:
            return self.ways_m
        points: Sequence[Team | Spot] = [*self.teams, *self.spots]
        lat = np.array([each.lat for each in points])
        flat = plane_of(lat).metres(np.array([each.lon for each in points]), lat)
        steps = flat[:, None, :] - flat[None, :, :]
        return np.asarray(DETOUR * np.hypot(steps[..., 0], steps[..., 1]), dtype=np.float64)


def rest_of(shift: Shift, *, now_s: float, at: dict[str, tuple[float, float]], gone: frozenset[str]) -> Shift:
    """What is left of a shift: without spots done or skipped and teams dropped out, everybody where they are now.

    Arguments:
        at: (lon, lat) per team id; a team that is not named is taken to be where it began.
        gone: ids of spots and teams to leave out.
    """
    points: Sequence[Team | Spot] = [*shift.teams, *shift.spots]
    kept = [index for index, each in enumerate(points) if each.id not in gone]
    teams = tuple(
        replace(
            team,
            lon=at.get(team.id, (team.lon, team.lat))[0],
            lat=at.get(team.id, (team.lon, team.lat))[1],
            on_duty=Window(max(team.on_duty.from_s, min(now_s, team.on_duty.until_s)), team.on_duty.until_s),
        )
        for team in shift.teams
        if team.id not in gone
    )
    ways_m = shift.ways_m[np.ix_(kept, kept)] if shift.ways_m is not None and not at else None
    return Shift(teams, tuple(spot for spot in shift.spots if spot.id not in gone), ways_m)
