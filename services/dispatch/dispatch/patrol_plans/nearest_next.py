"""What would a patrol do without a plan: always go on to the nearest spot that is still open?"""

from __future__ import annotations

from dispatch.matching.columns import Floats
from dispatch.patrol_plans.planner import PatrolPlan, Visit
from dispatch.patrol_plans.shifts import SPEED_KMH, Shift, Spot


def nearest_next(shift: Shift) -> PatrolPlan:
    """The teams take turns, whoever is free first; each goes to the nearest spot whose visit fits window and shift."""
    metres, open_spots = shift.metres(), set(range(len(shift.spots)))
    where = list(range(len(shift.teams)))
    free_at_s = [team.on_duty.from_s for team in shift.teams]
    visits: dict[str, list[Visit]] = {team.id: [] for team in shift.teams}
    active = set(where)
    while active and open_spots:
        team = min(active, key=lambda index: (free_at_s[index], index))
        found = _next(shift, metres, team, where[team], free_at_s[team], open_spots)
        if found is None:
            active.remove(team)
            continue
        spot, begins_s = found
        ends_s = begins_s + shift.spots[spot].dwell_s
        visits[shift.teams[team].id].append(Visit(shift.spots[spot].id, begins_s, ends_s))
        where[team], free_at_s[team] = len(shift.teams) + spot, ends_s
        open_spots.remove(spot)
    left_out = tuple(shift.spots[index].id for index in sorted(open_spots))
    return PatrolPlan({team: tuple(each) for team, each in visits.items()}, left_out)


def _next(
    shift: Shift, metres: Floats, team: int, place: int, free_at_s: float, open_spots: set[int]
) -> tuple[int, float] | None:
    """(spot, start of the visit) of the nearest spot that fits."""
    pace_s_per_m = 3.6 / SPEED_KMH[shift.teams[team].moves]
    for spot in sorted(open_spots, key=lambda index: (metres[place, len(shift.teams) + index], index)):
        arrives_s = free_at_s + float(metres[place, len(shift.teams) + spot]) * pace_s_per_m
        begins_s = max(arrives_s, _opens_s(shift.spots[spot], arrives_s))
        if begins_s <= _closes_s(shift.spots[spot], begins_s) and (
            begins_s + shift.spots[spot].dwell_s <= shift.teams[team].on_duty.until_s
        ):
            return spot, begins_s
    return None


def _opens_s(spot: Spot, otherwise_s: float) -> float:
    return spot.window.from_s if spot.window else otherwise_s


def _closes_s(spot: Spot, otherwise_s: float) -> float:
    return spot.window.until_s if spot.window else otherwise_s
