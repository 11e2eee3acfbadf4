"""When does a report join a known case?"""

from __future__ import annotations

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.duplicates.clues import Candidate
from intake.duplicates.decision import Decision, choose_case, score_pair
from intake.duplicates.parameters import fitted_parameters
from tests.intake.duplicates.builders import a_candidate, a_clue

PARAMETERS = fitted_parameters()
TEXT_ZH = "人行道上有流动摊贩占道经营，行人无法通过"
TEXT_ZH_AGAIN = "流动摊贩在人行道占道经营，行人无法通过了"
OTHER_ZH = "垃圾桶满溢，污水流到马路上"


def decided(*candidates: Candidate, **new: Any) -> Decision:
    return choose_case(a_clue(**{"minutes": 60.0, **new}), candidates, PARAMETERS)


def test_a_report_at_the_spot_of_an_open_case_joins_it() -> None:
    earlier = a_candidate()
    decision = decided(earlier)
    assert decision.case_id == earlier.case_id
    assert decision.version == PARAMETERS.version


def test_the_score_is_the_sum_of_its_named_parts() -> None:
    match = decided(a_candidate()).match
    assert match is not None
    parts = match.parts
    named = (parts.base, parts.distance, parts.time, parts.category, parts.address, parts.photo, parts.text)
    assert match.score == pytest.approx(sum(named) + parts.reporter)
    assert 0.0 < match.probability < 1.0
    assert match.score >= PARAMETERS.threshold


def test_a_report_far_away_opens_a_case_of_its_own() -> None:
    decision = decided(a_candidate(north_m=500))
    assert decision.match is None
    assert "nothing comparable" in decision.reason.en


def test_a_report_too_long_ago_is_not_compared() -> None:
    assert decided(a_candidate(minutes=-60 * 24 * 30)).match is None


def test_a_report_is_never_a_duplicate_of_itself() -> None:
    assert decided(a_candidate(1)).match is None


def test_without_candidates_a_case_is_opened() -> None:
    assert decided().match is None


def test_the_reason_names_place_and_time_in_both_languages() -> None:
    reason = decided(a_candidate(north_m=5)).reason
    assert "5 m apart" in reason.en
    assert "60 min apart" in reason.en
    assert "相距5米" in reason.zh


def test_the_reason_of_a_new_case_counts_what_was_compared() -> None:
    decision = decided(a_candidate(category="Shared Mobility Device"), category="Shared Mobility Device")
    assert decision.match is None
    assert "none of the 1" in decision.reason.en
    assert "1条" in decision.reason.zh


def test_the_reason_never_repeats_what_somebody_wrote() -> None:
    reason = decided(a_candidate(text=TEXT_ZH, address="人民路12号"), text=TEXT_ZH, address="人民路12号").reason
    assert "摊贩" not in reason.zh
    assert "人民路" not in reason.zh


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_candidates_does_not_matter(order: tuple[int, ...]) -> None:
    candidates = [a_candidate(100, north_m=30), a_candidate(101, north_m=3), a_candidate(102, north_m=60)]
    match = decided(*(candidates[place] for place in order)).match
    assert match is not None
    assert match.report_id == UUID(int=101)


def test_of_two_that_are_equally_like_the_earlier_one_wins() -> None:
    later, earlier = a_candidate(100, minutes=120), a_candidate(101, minutes=0)
    assert decided(later, earlier).case_id == decided(earlier, later).case_id == earlier.case_id


def test_time_counts_alike_in_both_directions() -> None:
    first, second = a_clue(1), a_clue(2, minutes=45, north_m=8)
    forth = score_pair(first, Candidate(second, second.id), PARAMETERS)
    back = score_pair(second, Candidate(first, first.id), PARAMETERS)
    assert forth is not None
    assert back is not None
    assert forth.score == pytest.approx(back.score)


@given(
    north_m=st.floats(200, 5000),
    category=st.sampled_from(["Encampment", "Pothole", "mobile_vendor"]),
    text=st.text(max_size=40),
)
def test_a_far_candidate_changes_nothing(north_m: float, category: str, text: str) -> None:
    near = a_candidate(100, north_m=4)
    far = a_candidate(101, north_m=north_m, category=category, text=text)
    assert decided(near, far) == decided(near)


@given(near_m=st.floats(0, 150), step_m=st.floats(0, 150), text=st.text(max_size=20))
def test_farther_never_means_more_alike(near_m: float, step_m: float, text: str) -> None:
    scores = [score_pair(a_clue(text=text), a_candidate(north_m=m), PARAMETERS) for m in (near_m, near_m + step_m)]
    if scores[0] is not None and scores[1] is not None:
        assert scores[0].score >= scores[1].score - 1e-9


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 9000), st.text(max_size=12)), max_size=8))
def test_skipping_texts_never_changes_the_choice(rows: list[tuple[float, float, str]]) -> None:
    candidates = [
        a_candidate(100 + number, north_m=north_m, minutes=-minutes, text=text)
        for number, (north_m, minutes, text) in enumerate(rows)
    ]
    new = a_clue(text=TEXT_ZH)
    scored = [match for each in candidates if (match := score_pair(new, each, PARAMETERS))]
    best = max((match.score for match in scored), default=None)
    match = choose_case(new, candidates, PARAMETERS).match
    if best is None or best < PARAMETERS.threshold:
        assert match is None
    else:
        assert match is not None
        assert match.score == best


def test_unlike_categories_on_one_spot_stay_apart() -> None:
    assert (
        decided(a_candidate(category="mobile_vendor", text=OTHER_ZH), category="open_fire", text=TEXT_ZH).match is None
    )


def test_unlike_categories_join_when_text_and_place_are_near_identical() -> None:
    earlier = a_candidate(category="mobile_vendor", text=TEXT_ZH)
    assert decided(earlier, category="road_occupation", text=TEXT_ZH).case_id == earlier.case_id


def test_an_identical_text_of_an_unlike_category_some_houses_on_is_another_matter() -> None:
    earlier = a_candidate(category="mobile_vendor", text=TEXT_ZH, north_m=40)
    assert decided(earlier, category="road_occupation", text=TEXT_ZH).match is None


def test_one_word_that_is_the_same_does_not_bring_unlike_categories_together() -> None:
    assert (
        decided(a_candidate(category="mobile_vendor", text="占道"), category="road_occupation", text="占道").match
        is None
    )


def test_a_like_text_in_chinese_brings_more_points_than_another() -> None:
    like = score_pair(a_clue(text=TEXT_ZH), a_candidate(text=TEXT_ZH_AGAIN), PARAMETERS)
    unlike = score_pair(a_clue(text=TEXT_ZH), a_candidate(text=OTHER_ZH), PARAMETERS)
    assert like is not None
    assert unlike is not None
    assert like.parts.text > unlike.parts.text


def test_the_same_photo_brings_points_and_one_that_differs_none() -> None:
    same, near, other = (
        score_pair(a_clue(photo_hashes=(0,)), a_candidate(photo_hashes=(bits,)), PARAMETERS)
        for bits in (0, 0b111111, (1 << 40) - 1)
    )
    assert same is not None
    assert near is not None
    assert other is not None
    assert same.parts.photo > near.parts.photo > other.parts.photo == 0.0


def test_the_most_alike_of_several_photos_counts() -> None:
    match = score_pair(a_clue(photo_hashes=(0, 255)), a_candidate(photo_hashes=((1 << 60) - 1, 255)), PARAMETERS)
    assert match is not None
    assert match.likeness.photo_bits == 0
