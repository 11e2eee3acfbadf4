"""Does a text suggest what it is about, is an unsure suggestion called so, and does it never change what was chosen?"""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.suggestion.model import Model, model_from
from intake.suggestion.pieces import Language
from intake.suggestion.suggesting import Suggestion, suggest
from lamplight_events.catalogue import load_categories
from tests.intake.suggestion.test_model import document

CHINESE = "学校门口有流动摊贩推车卖水果"


def test_a_chinese_text_suggests_its_category() -> None:
    found = suggest(CHINESE)

    assert found.language is Language.ZH
    assert found.candidates[0].category == "mobile_vendor"
    assert (found.is_sure, found.reason) == (True, "sure")


def test_an_english_text_suggests_its_category() -> None:
    found = suggest("Large pothole in the right lane")

    assert found.language is Language.EN
    assert found.candidates[0].category == "road_damage"


def test_the_likeliest_comes_first_and_there_are_three() -> None:
    confidences = [candidate.confidence for candidate in suggest(CHINESE).candidates]

    assert len(confidences) == 3
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize("text", ["", "   ", "！？…", "12345", "\u200f\u202e", "🙂🙂", "xyzzy plugh", "\x00"])
def test_a_text_that_says_nothing_suggests_nothing(text: str) -> None:
    found = suggest(text, chosen="bbq")

    assert (found.candidates, found.is_sure, found.disagrees) == ((), False, False)
    assert found.reason == "nothing_known"


def scripted(threshold: float) -> Suggestion:
    """A text that is about a barbecue with a confidence of 0.9933."""

    def models(language: Language) -> Model:
        return model_from(document(threshold=threshold))

    return suggest("grill", chosen="street_light", models=models)


def test_below_the_threshold_it_is_unsure_and_disagrees_with_nobody() -> None:
    found = scripted(threshold=0.999)

    assert (found.is_sure, found.disagrees, found.reason) == (False, False, "unsure")
    assert found.candidates[0].category == "bbq", "it still shows what it thinks"


def test_above_the_threshold_it_says_that_another_category_was_chosen() -> None:
    found = scripted(threshold=0.9)

    assert (found.is_sure, found.disagrees, found.version) == (True, True, "test-1")


def test_it_agrees_with_who_chose_the_same() -> None:
    assert not suggest(CHINESE, chosen="mobile_vendor").disagrees


def test_without_a_choice_there_is_nothing_to_disagree_with() -> None:
    assert not suggest(CHINESE).disagrees


@given(st.text(), st.sampled_from(sorted(load_categories())))
def test_any_text_is_answered_and_the_choice_changes_no_candidate(text: str, chosen: str) -> None:
    found, without = suggest(text, chosen=chosen), suggest(text)

    assert found.candidates == without.candidates
    assert found.disagrees <= found.is_sure
    assert all(candidate.category in load_categories() for candidate in found.candidates)
    assert sum(candidate.confidence for candidate in found.candidates) <= 1.001


def test_a_megabyte_takes_no_longer_than_a_sentence() -> None:
    text = "占道经营 road " * 100_000
    suggest(text)
    times_s = []
    for _ in range(5):
        began = perf_counter()
        suggest(text)
        times_s.append(perf_counter() - began)

    assert min(times_s) < 5e-3, "300 microseconds on a quiet machine, with room for a busy one"
