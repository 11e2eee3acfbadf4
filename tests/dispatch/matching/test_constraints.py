"""Is nobody ever asked against a hard rule, whichever it is?"""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.matching.engine import decide
from dispatch.matching.explain import explain
from dispatch.matching.parameters import Parameters
from dispatch.matching.workers import VEHICLES
from tests.dispatch.matching.tables import NOW_S, cases, problem, workers

BROKEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "off_duty": ({}, {"on_duty_until_s": NOW_S - 1}),
    "busy": ({}, {"free_at_s": NOW_S + 3_600}),
    "full": ({}, {"load": 1}),
    "cooling_down": ({}, {"last_asked_at_s": NOW_S - 5}),
    "quiet_hours": ({}, {"quiet_until_s": NOW_S + 60}),
    "lacks_skill": ({"skills": 0b11}, {"skills": 0b01}),
    "wrong_vehicle": ({"vehicles": VEHICLES["car"]}, {}),
    "out_of_area": ({}, {"reach_m": 50}),
    "shift_ends": ({}, {"on_duty_until_s": NOW_S + 10}),
    "too_late": ({"expires_at_s": NOW_S + 10}, {}),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_worker_who_breaks_a_rule_is_not_asked_and_the_rule_is_named(rule: str) -> None:
    case_changes, worker_changes = BROKEN[rule]
    asked = problem(cases([0], **case_changes), workers([100], **worker_changes))

    plan = decide(asked, Parameters())

    assert plan.asks() == plan.holds() == []
    assert explain(plan, 0).ruled_out == {rule: 1}


def test_a_worker_who_was_asked_before_is_not_asked_again() -> None:
    plan = decide(problem(cases([0]), workers([100, 500]), asked={0: {0}}), Parameters())

    assert plan.asks() == [(0, 1)]
    assert explain(plan, 0).ruled_out == {"asked_before": 1}


def test_a_worker_with_the_skill_is_asked_though_farther() -> None:
    plan = decide(problem(cases([0], skills=0b10), workers([100, 500], skills=[0b01, 0b11])), Parameters())

    assert plan.asks() == [(0, 1)]


def test_a_worker_whose_shift_begins_soon_is_waited_for_but_not_asked() -> None:
    people = workers([100], on_duty_from_s=NOW_S + 600, free_at_s=NOW_S + 600)

    plan = decide(problem(cases([0]), people), Parameters())

    assert (plan.asks(), plan.holds()) == ([], [(0, 0)])
