"""Which volunteer serves which reports in which order, when everything is known beforehand?

The clairvoyant reference works on these routes. It knows reports, coins, answer times and times on site, but obeys the
same world: nobody is asked before the report is made, the answer takes its time (also while the volunteer is still at
work), a coin that says no from the place before stays no, and the way is travelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.matching.columns import Floats, Ints
from dispatch.simulation.world import DROPPED_AFTER_S, WAY_M, Answers, World

NOTHING = -1
LONGEST_ROUTE = 64


@dataclass(frozen=True, slots=True)
class Known:
    """What only the clairvoyant knows per report and volunteer: when they can set out, and how far is too far."""

    world: World
    ready_at_s: Floats
    farthest_m: Floats


def known_of(world: World) -> Known:
    """Look up all coins and answer times of a day."""
    shape = (len(world.reports), len(world.volunteers))
    ready_at_s, farthest_m = np.zeros(shape), np.full(shape, np.inf)
    for report, at_s in enumerate(world.reports.at_s.tolist()):
        for volunteer in range(shape[1]):
            ready_at_s[report, volunteer] = at_s + world.answer_after_s(report, volunteer)
            if world.answers is Answers.COINS:
                farthest_m[report, volunteer] = world.coin(report, volunteer)
    if world.answers is Answers.COINS:
        farthest_m = WAY_M * np.log(world.volunteers.base_accept / np.maximum(farthest_m, 1e-12))
    return Known(world, ready_at_s, farthest_m)


@dataclass(slots=True)
class Routes:
    """All routes of a day as padded columns, one row per volunteer.

    Arguments:
        stop, arrival_s: reports in order, and when they are reached.
        done_s, place_m: when and where the volunteer is free before the first stop, and after each.
        length: stops per volunteer. route: the volunteer per report. wait_s: per report, four hours when unserved.
    """

    known: Known
    stop: Ints
    arrival_s: Floats
    done_s: Floats
    place_m: Floats
    length: Ints
    route: Ints
    wait_s: Floats

    def copy(self) -> Routes:
        """A copy that shares nothing but what is known."""
        return Routes(
            known=self.known,
            stop=self.stop.copy(),
            arrival_s=self.arrival_s.copy(),
            done_s=self.done_s.copy(),
            place_m=self.place_m.copy(),
            length=self.length.copy(),
            route=self.route.copy(),
            wait_s=self.wait_s.copy(),
        )

    def stops(self, volunteer: int) -> list[int]:
        """The reports of one volunteer in order."""
        return [int(report) for report in self.stop[volunteer, : self.length[volunteer]]]

    def insert(self, report: int, *, noise: float = 0.0, chance: np.random.Generator | None = None) -> None:
        """Put a report where it adds the least waiting in all; leave it out where it adds more than it saves."""
        found = cheapest_place(self, report, noise=noise, chance=chance)
        self.route[report], self.wait_s[report] = NOTHING, DROPPED_AFTER_S
        if found is not None:
            volunteer, position = found
            stops = self.stops(volunteer)
            self._write(volunteer, [*stops[:position], report, *stops[position:]])

    def remove(self, reports: Sequence[int]) -> list[int]:
        """Take reports out; returns them with those that can no longer be reached because of it."""
        gone = set(reports)
        for volunteer in {int(self.route[report]) for report in reports} - {NOTHING}:
            kept: list[int] = []
            for report in self.stops(volunteer):
                if report not in gone and self._timed(volunteer, [*kept, report]) is not None:
                    kept.append(report)
                else:
                    gone.add(report)
            self._write(volunteer, kept)
        at = np.array(sorted(gone), dtype=np.int64)
        self.route[at], self.wait_s[at] = NOTHING, DROPPED_AFTER_S
        return sorted(gone)

    def _timed(self, volunteer: int, stops: Sequence[int]) -> list[tuple[float, float]] | None:
        """(arrival, done) per stop, or nothing when a rule is broken."""
        known, world = self.known, self.known.world
        place, done_s, times = world.home_m[volunteer], float(world.volunteers.on_s[volunteer]), []
        for report in stops:
            there = world.report_m[report]
            way_m = float(np.hypot(there[0] - place[0], there[1] - place[1]))
            sets_out_s = max(done_s, float(known.ready_at_s[report, volunteer]))
            arrival_s = sets_out_s + way_m * float(world.pace_s_per_m[volunteer])
            latest_s = min(float(world.volunteers.off_s[volunteer]), world.reports.at_s[report] + DROPPED_AFTER_S)
            if way_m > known.farthest_m[report, volunteer] or arrival_s > latest_s:
                return None
            place, done_s = there, arrival_s + float(world.on_site_s[report])
            times.append((arrival_s, done_s))
        return times

    def _write(self, volunteer: int, stops: Sequence[int]) -> None:
        times = self._timed(volunteer, stops)
        if times is None:
            raise ValueError(f"route of volunteer row {volunteer}: it breaks a rule of the world")
        self.stop[volunteer], self.done_s[volunteer, 1:] = NOTHING, np.inf
        self.length[volunteer] = len(stops)
        for position, (report, (arrival_s, done_s)) in enumerate(zip(stops, times, strict=True)):
            self.stop[volunteer, position] = report
            self.arrival_s[volunteer, position] = arrival_s
            self.done_s[volunteer, position + 1] = done_s
            self.place_m[volunteer, position + 1] = self.known.world.report_m[report]
            self.route[report] = volunteer
            self.wait_s[report] = arrival_s - self.known.world.reports.at_s[report]


def empty_routes(known: Known) -> Routes:
    """Everybody at home, nothing served."""
    world = known.world
    people, reports = len(world.volunteers), len(world.reports)
    done_s, place_m = np.full((people, LONGEST_ROUTE + 1), np.inf), np.zeros((people, LONGEST_ROUTE + 1, 2))
    done_s[:, 0], place_m[:, 0] = world.volunteers.on_s, world.home_m
    return Routes(
        known=known,
        stop=np.full((people, LONGEST_ROUTE + 1), NOTHING, dtype=np.int64),
        arrival_s=np.full((people, LONGEST_ROUTE + 1), np.inf),
        done_s=done_s,
        place_m=place_m,
        length=np.zeros(people, dtype=np.int64),
        route=np.full(reports, NOTHING, dtype=np.int64),
        wait_s=np.full(reports, DROPPED_AFTER_S),
    )


def cheapest_place(
    routes: Routes, report: int, *, noise: float = 0.0, chance: np.random.Generator | None = None
) -> tuple[int, int] | None:
    """(volunteer row, position) that adds the least waiting, or nothing when leaving the report out costs less.

    Arguments:
        noise: each candidate's cost is blurred by up to this share, for a search that must not repeat itself.
    """
    volunteer, position, arrival_s = _reachable(routes, report)
    if not len(volunteer):
        return None
    added_s = arrival_s - routes.known.world.reports.at_s[report]
    added_s = added_s + _later_waits_s(routes, report, volunteer, position, arrival_s)
    if noise and chance is not None:
        added_s = added_s * (1 + noise * chance.random(len(added_s)))
    best = int(np.argmin(added_s))
    return (int(volunteer[best]), int(position[best])) if added_s[best] < DROPPED_AFTER_S else None


def _reachable(routes: Routes, report: int) -> tuple[Ints, Ints, Floats]:
    """Every place in every route from where the report can be reached in time, with the arrival."""
    known, world = routes.known, routes.known.world
    at_s = float(world.reports.at_s[report])
    people = world.volunteers
    could = (known.farthest_m[report] > 0) & (people.off_s > at_s) & (people.on_s < at_s + DROPPED_AFTER_S)
    rows = np.flatnonzero(could & (routes.length < LONGEST_ROUTE))
    longest = int(routes.length[rows].max()) + 1 if len(rows) else 0
    at, position = np.nonzero(np.arange(longest)[None, :] <= routes.length[rows][:, None])
    volunteer = rows[at]
    follows_s = routes.arrival_s[volunteer, position]
    is_last = position == routes.length[volunteer]
    worth = (routes.done_s[volunteer, position] < at_s + DROPPED_AFTER_S) & (is_last | (follows_s > at_s))
    volunteer, position = volunteer[worth], position[worth]
    way = routes.place_m[volunteer, position] - world.report_m[report]
    way_m = np.hypot(way[:, 0], way[:, 1])
    sets_out_s = np.maximum(routes.done_s[volunteer, position], known.ready_at_s[report, volunteer])
    arrival_s = sets_out_s + way_m * world.pace_s_per_m[volunteer]
    fits = (way_m <= known.farthest_m[report, volunteer]) & (arrival_s <= people.off_s[volunteer])
    fits &= arrival_s <= at_s + DROPPED_AFTER_S
    return volunteer[fits], position[fits], arrival_s[fits]


def _later_waits_s(routes: Routes, report: int, volunteer: Ints, position: Ints, arrival_s: Floats) -> Floats:
    """How much longer the stops after each place would wait, infinite where one could not be reached any more."""
    known, world = routes.known, routes.known.world
    added_s, done_s = np.zeros(len(volunteer)), arrival_s + world.on_site_s[report]
    place = np.broadcast_to(world.report_m[report], (len(volunteer), 2)).copy()
    at, active = position.copy(), np.flatnonzero(routes.stop[volunteer, position] != NOTHING)
    while len(active):
        who, nth = volunteer[active], at[active]
        stop = routes.stop[who, nth]
        way = world.report_m[stop] - place[active]
        way_m = np.hypot(way[:, 0], way[:, 1])
        sets_out_s = np.maximum(done_s[active], known.ready_at_s[stop, who])
        then_s = sets_out_s + way_m * world.pace_s_per_m[who]
        latest_s = np.minimum(world.volunteers.off_s[who], world.reports.at_s[stop] + DROPPED_AFTER_S)
        broken = (way_m > known.farthest_m[stop, who]) | (then_s > latest_s)
        shift_s = then_s - routes.arrival_s[who, nth]
        added_s[active] += np.where(broken, np.inf, shift_s)
        done_s[active], place[active] = then_s + world.on_site_s[stop], world.report_m[stop]
        at[active] += 1
        goes_on = ~broken & (np.abs(shift_s) > 0.01) & (routes.stop[who, nth + 1] != NOTHING)
        active = active[goes_on]
    return added_s
