"""Is a plan of kills repeatable, and does it spare nobody?"""

from __future__ import annotations

from collections import Counter

from tests.chaos.plan import AWAY_S, GAP_S, plan_kills

TARGETS = ("intake-1", "dispatch-1", "kafka", "postgres")


def test_the_same_seed_plans_the_same_kills() -> None:
    first = plan_kills(TARGETS, kills=20, seed=7)

    again = plan_kills(TARGETS, kills=20, seed=7)

    assert again == first


def test_another_seed_plans_other_kills() -> None:
    first = plan_kills(TARGETS, kills=20, seed=7)

    other = plan_kills(TARGETS, kills=20, seed=8)

    assert other != first


def test_a_plan_kills_every_target_as_often_as_any_other_give_or_take_one() -> None:
    plan = plan_kills(TARGETS, kills=10, seed=1)

    counts = Counter(kill.target for kill in plan)

    assert set(counts) == set(TARGETS)
    assert max(counts.values()) - min(counts.values()) <= 1


def test_pauses_stay_within_their_limits() -> None:
    plan = plan_kills(TARGETS, kills=50, seed=1)

    assert all(AWAY_S[0] <= kill.away_s <= AWAY_S[1] for kill in plan)
    assert all(GAP_S[0] <= kill.after_s <= GAP_S[1] for kill in plan)
