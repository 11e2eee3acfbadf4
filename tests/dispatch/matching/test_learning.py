"""Does the engine learn from answers, queues and visits what is to be learned?"""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.matching.acceptance import (
    AcceptanceModel,
    Answer,
    Record,
    after_answer,
    crew_share,
    thinning,
    willingness,
)
from dispatch.matching.free_times import OnSite, expected_rest_s
from dispatch.matching.parameters import Parameters
from dispatch.matching.pressure import Demand, Shifts, queue_clears_in_s, todays_share
from dispatch.matching.waves import Limits, Progress, Step, Why, next_wave

MODEL = AcceptanceModel()
USUAL = MODEL.prior_yes / (MODEL.prior_yes + MODEL.prior_no)


def _willing(record: Record) -> float:
    return float(willingness(MODEL, np.array([record.yes]), np.array([record.answers]), share=USUAL)[0])


def test_a_yes_raises_and_a_no_lowers_the_expectation() -> None:
    yes = after_answer(MODEL, Record(), thinned=1.0, answer=Answer.YES)
    no = after_answer(MODEL, Record(), thinned=1.0, answer=Answer.NO)

    assert _willing(no) < _willing(Record()) < _willing(yes)


def test_a_no_from_far_away_says_less_than_one_from_near() -> None:
    near = after_answer(MODEL, Record(), thinned=0.9, answer=Answer.NO)
    far = after_answer(MODEL, Record(), thinned=0.1, answer=Answer.NO)

    assert _willing(near) < _willing(far) < _willing(Record())


def test_what_others_answered_shifts_what_is_expected_of_a_newcomer() -> None:
    nothing = np.zeros(40)

    unknown = crew_share(MODEL, nothing, nothing)
    all_yes = crew_share(MODEL, nothing + 10, nothing + 10)

    assert unknown == pytest.approx(USUAL)
    assert all_yes > 0.95
    assert willingness(MODEL, nothing, nothing, share=all_yes)[0] == pytest.approx(all_yes)


def test_many_answers_outweigh_the_prior() -> None:
    chance, record = np.random.default_rng(1), Record()

    for _ in range(400):
        thinned = float(chance.uniform(0.3, 1.0))
        answer = Answer.YES if chance.random() < 0.9 * thinned else Answer.NO
        record = after_answer(MODEL, record, thinned=thinned, answer=answer)

    assert _willing(record) == pytest.approx(0.9, abs=0.1)


def test_way_category_and_hour_thin_out_the_yes() -> None:
    model = AcceptanceModel(by_category={"7": 0.5}, by_hour=(*([1.0] * 23), 0.1))

    near, far = thinning(model, np.array([0.0, 6_000.0]), np.array([1, 1]), 10)
    disliked = thinning(model, np.array([0.0]), np.array([7]), 10)[0]
    late = thinning(model, np.array([0.0]), np.array([1]), 23)[0]

    assert (near, disliked, late) == (1.0, 0.5, 0.1)
    assert far == pytest.approx(np.exp(-1))


def test_expected_rest_matches_many_simulated_visits() -> None:
    on_site = OnSite()
    visits = on_site.median_s * np.exp(on_site.sigma * np.random.default_rng(2).standard_normal(200_000))

    for elapsed_s in (0.0, 300.0, 900.0):
        simulated = (visits[visits > elapsed_s] - elapsed_s).mean()
        assert expected_rest_s(on_site, np.array([elapsed_s]))[0] == pytest.approx(simulated, rel=0.02)


def test_a_queue_clears_when_the_planned_shifts_have_worked_it_off() -> None:
    nothing_new = Demand(np.zeros(96))
    two = Shifts(np.array([0.0, 3_600.0]), np.array([86_400.0, 86_400.0]))

    clears_in_s = queue_clears_in_s(nothing_new, two, second_of_day=0.0, waiting=18, busy_share=1.0, cycle_s=600.0)

    assert clears_in_s == pytest.approx(3_600 + 3_600, abs=300)


def test_a_busy_morning_makes_the_day_look_busier_but_not_twice_as_busy_at_once() -> None:
    demand = Demand(np.full(96, 60 / 3_600))

    assert 1.0 < todays_share(demand, second_of_day=3_600.0, seen_today=120) < 2.0


RANKED = (11, 12, 13, 14)


@pytest.mark.parametrize(
    ("progress", "ranked", "step", "why", "asked"),
    [
        (Progress(0, 0, 0.0, 1.0), RANKED, Step.ASK, Why.FIRST_WAVE, (11,)),
        (Progress(1, 0, 60.0, 1.0), RANKED, Step.ASK, Why.NEXT_WAVE, (11,)),
        (Progress(0, 0, 0.0, 2.0), RANKED, Step.ASK, Why.FIRST_WAVE, (11, 12, 13)),
        (Progress(1, 1, 60.0, 1.0), RANKED, Step.WAIT, Why.ANSWERS_OUTSTANDING, ()),
        (Progress(1, 0, 60.0, 1.0), (), Step.WAIT, Why.NOBODY_FREE, ()),
        (Progress(8, 0, 600.0, 1.0), RANKED, Step.GIVE_UP, Why.WAVES_USED_UP, ()),
        (Progress(2, 0, 3_600.0, 1.0), RANKED, Step.GIVE_UP, Why.TIME_USED_UP, ()),
    ],
)
def test_a_wave_follows_its_rules_and_says_why(
    progress: Progress, ranked: tuple[int, ...], step: Step, why: Why, asked: tuple[int, ...]
) -> None:
    wave = next_wave(progress, ranked, limits=Limits(), parameters=Parameters())

    assert (wave.step, wave.why, wave.ask) == (step, why, asked)
