"""Do the reports of a noon and of a morning fit into the acts of a demo?"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest

from deploy.demo.pacing import (
    QUICK_ACT_S,
    QUICK_TOTAL_S,
    REPORTING_SHARE,
    SHORTEST_ACT_S,
    ActName,
    as_of_now,
    quick_act_s,
    stretched,
    two_acts,
)
from deploy.world.noon import noon_patrol

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
BODY = noon_patrol(1)[0]


def test_the_acts_are_the_noon_and_the_morning_in_this_order() -> None:
    acts = two_acts(seed=1, length_s=60)

    assert [(act.name, len(act.reports)) for act in acts] == [(ActName.NOON, 330), (ActName.SAN_DIEGO, 500)]


@pytest.mark.parametrize("length_s", [8.0, 75.0])
def test_reports_come_in_order_and_leave_time_to_work_on_the_last(length_s: float) -> None:
    for act in two_acts(seed=1, length_s=length_s):
        seconds = [timed.after_s for timed in act.reports]

        assert seconds[0] == 0
        assert all(first <= second for first, second in pairwise(seconds))
        assert seconds[-1] == pytest.approx(length_s * REPORTING_SHARE)


def test_a_crowd_stays_a_crowd_when_time_is_squeezed() -> None:
    act = stretched(ActName.NOON, [(0, BODY), (10, BODY), (100, BODY)], length_s=10)

    first, second, third = (timed.after_s for timed in act.reports)
    assert (third - second) == pytest.approx(9 * (second - first))


def test_reports_of_one_moment_are_no_division_by_zero() -> None:
    act = stretched(ActName.NOON, [(5, BODY), (5, BODY)], length_s=10)

    assert [timed.after_s for timed in act.reports] == [0, 0]


def test_the_same_seed_plays_the_same_noon() -> None:
    assert two_acts(seed=7, length_s=60) == two_acts(seed=7, length_s=60)
    assert two_acts(seed=7, length_s=60)[0] != two_acts(seed=8, length_s=60)[0]


def test_a_quick_demo_plays_shorter_acts_after_a_slow_start() -> None:
    assert quick_act_s(10) == QUICK_ACT_S
    assert SHORTEST_ACT_S < quick_act_s(60) < QUICK_ACT_S
    assert quick_act_s(500) == SHORTEST_ACT_S


@pytest.mark.parametrize("spent_s", [5, 20, 40, 60, 70])
def test_a_quick_demo_ends_in_time_however_long_it_took_to_start(spent_s: float) -> None:
    assert spent_s + 2 * quick_act_s(spent_s) < QUICK_TOTAL_S


def test_a_second_run_sends_other_requests_than_the_first() -> None:
    first = as_of_now(BODY, run_id=UUID(int=1), now=NOW)
    second = as_of_now(BODY, run_id=UUID(int=2), now=NOW)

    assert first["client_uuid"] != second["client_uuid"]
    assert first == as_of_now(BODY, run_id=UUID(int=1), now=NOW)


def test_a_report_is_told_as_one_of_this_moment_and_else_unchanged() -> None:
    told = as_of_now(BODY, run_id=UUID(int=1), now=NOW)

    assert told["observed_at"] == "2026-03-01T04:00:00+00:00"
    assert told["description"] == BODY["description"]
    assert BODY["observed_at"] != told["observed_at"]
