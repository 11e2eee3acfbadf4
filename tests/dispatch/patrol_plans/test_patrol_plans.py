"""Does a patrol plan keep its windows, prefer what is worth more, and go on from now when the day changes?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.patrol_plans.nearest_next import nearest_next
from dispatch.patrol_plans.planner import plan_patrol
from dispatch.patrol_plans.shifts import Moves, Shift, Spot, Team, Window, rest_of
from dispatch.patrol_plans.spot_weights import Slot, Visit, learn

NOON_S = 1_000_000_000.0
METRE = 1 / 111_195
TWO_HOURS = Window(NOON_S, NOON_S + 7_200)


def spot(name: str, north_m: float, **changes: object) -> Spot:
    """A spot so many metres to the north, five minutes each."""
    return replace(Spot(name, 120.6, 31.3 + north_m * METRE, weight=1.0, dwell_s=300.0), **changes)  # type: ignore[arg-type]


def shift(*spots: Spot, teams: int = 1, on_duty: Window = TWO_HOURS) -> Shift:
    """Walking teams that begin at one place."""
    crew = tuple(Team(f"team-{number}", 120.6, 31.3, on_duty, Moves.WALKING) for number in range(teams))
    return Shift(crew, spots)


def test_all_spots_are_visited_when_there_is_time() -> None:
    plan = plan_patrol(shift(spot("a", 100), spot("b", 200), spot("c", 300)))

    assert [visit.spot_id for visit in plan.visits["team-0"]] == ["a", "b", "c"]
    assert plan.left_out == ()


def test_what_is_worth_more_comes_first_when_time_is_short() -> None:
    short = Window(NOON_S, NOON_S + 900)
    chosen = shift(spot("near", 100, weight=0.2), spot("worth it", -400, weight=5.0), on_duty=short)

    assert plan_patrol(chosen).left_out == ("near",)
    assert nearest_next(chosen).left_out == ("worth it",)


def test_a_visit_waits_for_its_window() -> None:
    opens = Window(NOON_S + 3_600, NOON_S + 5_400)

    visit = plan_patrol(shift(spot("late", 100, window=opens))).visits["team-0"][0]

    assert opens.from_s <= visit.arrives_at_s <= opens.until_s
    assert visit.leaves_at_s == visit.arrives_at_s + 300


def test_no_team_stays_beyond_its_shift() -> None:
    crowded = shift(*(spot(str(number), 150 * number) for number in range(40)), teams=2)

    for plan in (plan_patrol(crowded), nearest_next(crowded)):
        assert plan.left_out
        assert all(visit.leaves_at_s <= TWO_HOURS.until_s for visits in plan.visits.values() for visit in visits)


def test_a_plan_goes_on_from_now_without_a_skipped_spot_and_a_team_that_dropped_out() -> None:
    whole = shift(spot("done", 100), spot("skipped", 200), spot("left", 300), teams=2)

    rest = rest_of(
        whole, now_s=NOON_S + 1_800, at={"team-0": (120.6, 31.3)}, gone=frozenset({"done", "skipped", "team-1"})
    )
    plan = plan_patrol(rest)

    assert list(plan.visits) == ["team-0"]
    assert [visit.spot_id for visit in plan.visits["team-0"]] == ["left"]
    assert plan.visits["team-0"][0].arrives_at_s >= NOON_S + 1_800


def test_a_given_matrix_of_ways_is_used() -> None:
    detour = np.array([[0, 90_000, 100], [90_000, 0, 90_000], [100, 90_000, 0]], dtype=np.float64)

    plan = plan_patrol(replace(shift(spot("behind the river", 50), spot("far", 3_000)), ways_m=detour))

    assert plan.left_out == ("behind the river",)


def test_a_matrix_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="ways_m"):
        replace(shift(spot("a", 0)), ways_m=np.zeros((5, 5)))


def test_nobody_and_nothing_make_an_empty_plan() -> None:
    assert plan_patrol(shift()).visits == {"team-0": ()}
    assert plan_patrol(shift(spot("a", 0), teams=0)).left_out == ("a",)


def test_weights_learn_the_hour_and_keep_near_the_usual_for_unknown_spots() -> None:
    noon, night = Slot(0, 12), Slot(0, 22)
    visits = [Visit("market", noon, 3)] * 10 + [Visit("market", night, 0)] * 10 + [Visit("park", noon, 1)] * 10

    weights = learn(visits)

    assert weights.expected("market", noon) > weights.expected("market", night)
    assert weights.expected("market", noon) > weights.expected("nobody knows", noon) == weights.usual
    assert learn([]).expected("a", noon) == learn([]).expected("b", night)
