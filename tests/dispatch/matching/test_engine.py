"""Does the engine send whom a thoughtful dispatcher would send?"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from dispatch.matching.engine import decide
from dispatch.matching.explain import Language, Verdict, WhyOpen, explain, sentence
from dispatch.matching.parameters import Parameters, fitted_parameters, parameters_from
from dispatch.matching.replay import record_of, replayed
from tests.dispatch.matching.tables import NOW_S, cases, problem, workers


def test_the_nearest_of_equals_is_asked() -> None:
    assert decide(problem(cases([0]), workers([900, 300])), Parameters()).asks() == [(0, 1)]


def test_two_cases_get_the_pairs_with_the_shortest_sum_and_not_the_nearest_pair() -> None:
    plan = decide(problem(cases([0, 1_000]), workers([900, 2_900])), replace(Parameters(), answer_s=0.0))

    assert sorted(plan.asks()) == [(0, 0), (1, 1)]


def test_a_near_worker_who_is_free_soon_beats_a_far_one_who_is_free_now() -> None:
    people = workers([100, 9_000], free_at_s=[NOW_S + 500, NOW_S])

    plan = decide(problem(cases([0]), people), Parameters())

    assert (plan.asks(), plan.holds()) == ([], [(0, 0)])


def test_a_worker_who_is_nearly_free_is_asked_ahead() -> None:
    plan = decide(problem(cases([0]), workers([100], free_at_s=NOW_S + 100)), Parameters())

    assert plan.asks() == [(0, 0)]


def test_a_worker_who_mostly_says_no_is_passed_over_for_one_a_little_farther() -> None:
    people = workers([1_000, 1_100], yes=[0, 9], answers=[10, 10])

    assert decide(problem(cases([0]), people), Parameters()).asks() == [(0, 1)]


def test_who_has_carried_much_is_spared_when_another_is_nearly_as_near() -> None:
    people = workers([1_000, 1_100], accepted=[6, 0])

    assert decide(problem(cases([0]), people), replace(Parameters(), fairness_s=100.0)).asks() == [(0, 1)]


def test_an_urgent_case_gets_the_only_worker() -> None:
    some = cases([400, -400], urgency=[1, 3])

    assert decide(problem(some, workers([0])), Parameters()).asks()[0] == (1, 0)


def test_an_urgent_case_asks_several_at_once() -> None:
    plan = decide(problem(cases([0], urgency=2), workers([100, 200, 300, 400])), Parameters(urgent_at_once=3))

    assert plan.asks() == [(0, 0), (0, 1), (0, 2)]


def test_under_pressure_a_far_case_waits_while_near_ones_are_served() -> None:
    some, people = cases([30_000, 200]), workers([0])

    plan = decide(problem(some, people, clears_in_s=7_200.0), Parameters())

    assert plan.asks() == [(1, 0)]


def test_where_a_yes_is_unlikely_several_are_asked_together() -> None:
    unwilling = workers([100, 200, 300, 400], yes=0, answers=30)

    plan = decide(problem(cases([0]), unwilling), Parameters(together_yes=0.5, together_most=3))

    assert plan.asks() == [(0, 0), (0, 1), (0, 2)]


def test_near_the_end_of_the_last_shift_nobody_is_waited_for_and_several_are_asked() -> None:
    people = workers([100, 300, 400], free_at_s=[NOW_S + 450, NOW_S, NOW_S], on_duty_until_s=NOW_S + 600)

    plan = decide(problem(cases([0]), people), Parameters())

    assert (plan.asks(), plan.holds()) == ([(0, 1)], [])


def test_near_the_end_a_busy_worker_is_waited_for_when_no_one_else_is_left() -> None:
    people = workers([100, 300, 200], free_at_s=[NOW_S + 450, NOW_S + 450, NOW_S], on_duty_until_s=NOW_S + 600)

    plan = decide(problem(cases([0, 400]), people), Parameters())

    assert len(plan.asks()) == len(plan.holds()) == 1


def test_when_most_are_busy_a_short_way_is_worth_a_wait() -> None:
    busy = workers([4_000, 300, *range(20_000, 28_000, 1_000)], free_at_s=[NOW_S, *[NOW_S + 900] * 9])

    quiet_plan = decide(problem(cases([0]), busy), replace(Parameters(), busy_price=0.0))
    busy_plan = decide(problem(cases([0]), busy), replace(Parameters(), busy_price=2.0))

    assert (quiet_plan.asks(), busy_plan.holds()) == ([(0, 0)], [(0, 1)])


def test_an_empty_side_is_fine() -> None:
    nobody, nothing = workers([]), cases([])

    assert decide(problem(cases([0]), nobody), Parameters()).asks() == []
    assert decide(problem(nothing, workers([0])), Parameters()).asks() == []
    assert decide(problem(nothing, nobody), Parameters()).asks() == []


@pytest.mark.parametrize(("name", "value"), [("lon", np.nan), ("lon", 181.0), ("lat", np.inf), ("lat", -91.0)])
def test_a_point_off_the_globe_is_refused_with_the_field_named(name: str, value: float) -> None:
    table = workers([0, 100])

    with pytest.raises(ValueError, match=name):
        replace(table, **{name: np.array([0.0, value])})


def test_two_rows_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="7 stands twice"):
        cases([0, 100], ids=[7, 7])


def test_a_hot_spot_looks_beyond_the_nearest_until_demand_fits() -> None:
    spread = np.linspace(0, 40_000, 300)
    crowded = problem(cases(list(np.linspace(0, 100, 200))), workers(list(spread)))

    plan = decide(crowded, replace(Parameters(), nearest=2))

    assert len(plan.asked) + len(plan.held) == 200


def test_an_explanation_names_chosen_runners_up_and_cost_parts() -> None:
    plan = decide(problem(cases([0]), workers([100, 600, 900])), Parameters())

    told = explain(plan, 0)

    assert (told.verdict, told.version) == (Verdict.ASKED, "unfitted")
    assert [each.worker_id for each in told.chosen] == [0]
    assert [each.worker_id for each in told.runners_up] == [1, 2]
    assert set(told.chosen[0].parts_s) == {"arrival", "decline", "pressure", "fairness"}
    assert told.chosen[0].cost_s < told.runners_up[0].cost_s


@pytest.mark.parametrize("language", Language)
def test_a_sentence_tells_distance_and_minutes_and_names_nobody(language: Language) -> None:
    told = explain(decide(problem(cases([0]), workers([2_000], ids=[4_711])), Parameters()), 0)

    text = sentence(told, language)

    assert "2.0" in text
    assert re.search(r"(?<![\d.])6(?![\d.])", text)
    assert "4711" not in text


@pytest.mark.parametrize(
    ("north_m", "skills", "clears_in_s", "why"),
    [
        ([100.0], 1, 0.0, WhyOpen.NOBODY_ALLOWED),
        ([100.0], 0, 0.0, WhyOpen.TAKEN_BY_OTHERS),
        ([100.0, 30_000.0], 0, 9_000.0, WhyOpen.COSTS_OTHERS_MORE),
    ],
)
def test_a_case_that_stays_open_says_why(north_m: list[float], skills: int, clears_in_s: float, why: WhyOpen) -> None:
    some = cases([0, 150], skills=[0, skills])
    plan = decide(problem(some, workers(north_m), clears_in_s=clears_in_s), Parameters(worth_s=0.0))

    told = [explain(plan, case_id) for case_id in (0, 1)]

    assert why in {each.why_open for each in told}
    assert len({sentence(each, Language.EN) for each in told}) == 2


def test_a_case_held_for_the_only_one_who_can_come_compares_with_nobody() -> None:
    busy = workers([100.0], free_at_s=NOW_S + 1_500)

    told = explain(decide(problem(cases([0]), busy), Parameters()), 0)

    assert told.verdict is Verdict.HELD
    assert "nobody else" in sentence(told, Language.EN)


def test_a_case_that_was_not_open_has_no_explanation() -> None:
    with pytest.raises(KeyError):
        explain(decide(problem(cases([0]), workers([0])), Parameters()), 5)


def test_a_decision_replayed_from_its_record_comes_out_the_same() -> None:
    chance = np.random.default_rng(5)
    some, people = cases(list(chance.uniform(0, 9_000, 120))), workers(list(chance.uniform(0, 9_000, 400)))
    plan = decide(problem(some, people, clears_in_s=3_000.0, asked={3: {5, 6}}), Parameters())

    again = replayed(record_of(plan))

    assert sorted(again.asks()) == sorted(plan.asks())
    assert sorted(again.holds()) == sorted(plan.holds())


def test_the_shipped_parameters_say_how_they_were_obtained() -> None:
    assert fitted_parameters().how != Parameters().how
    assert re.search(r"20\d\d-\d\d-\d\d", fitted_parameters().how)


def test_an_unknown_parameter_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="speed_of_light"):
        parameters_from('{"speed_of_light": 1}')


def test_parameters_survive_being_written_and_read() -> None:
    assert parameters_from(Parameters(version="x").as_json()) == Parameters(version="x")
