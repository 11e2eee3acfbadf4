"""Are answers to a category's questions kept as they were meant, and is every other refused with its limit?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplight_events.answers import Answer, AnswerRefused, answers_from_texts, check_attributes, private_codes
from lamplight_events.attributes import attributes_of, load_attributes

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=8)))
MEDICINE = {"medicines": "降压药 1 盒\n维生素 C", "kind": "over_the_counter"}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def test_answers_of_every_type_are_kept() -> None:
    answers = check_attributes("errand_medicine", {**MEDICINE, "paying": "cash", "deliver_by": NOON})

    assert dict(answers) == {**MEDICINE, "paying": "cash", "deliver_by": NOON}
    assert answers["deliver_by"] == datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


def test_answers_come_in_the_order_of_the_questions() -> None:
    answers = check_attributes("mobile_vendor", {"vendors": 3, "goods": ["clothes", "snacks"], "stall": "van"})

    assert list(answers) == ["goods", "stall", "vendors"]
    assert answers["goods"] == ("snacks", "clothes"), "in the order of the list, so that equal answers are equal"


@pytest.mark.parametrize("nothing", [None, "", [], ()])
def test_nothing_is_no_answer(nothing: object) -> None:
    assert check_attributes("mobile_vendor", {"goods": nothing}) == {}


@pytest.mark.parametrize("nothing", [None, "", []])
def test_a_required_question_needs_an_answer(nothing: object) -> None:
    with pytest.raises(AnswerRefused, match=r"attributes\.on_ground: is required") as refusal:
        check_attributes("cable_down", {"on_ground": nothing})

    assert (refusal.value.field, refusal.value.reason) == ("on_ground", "missing_attribute")


def test_a_question_that_is_not_asked_is_refused_with_those_that_are() -> None:
    with pytest.raises(AnswerRefused, match=r"attributes\.colour: bbq asks usual_time") as refusal:
        check_attributes("bbq", {"colour": "red"})

    assert refusal.value.reason == "unknown_attribute"


def test_a_category_that_asks_nothing_takes_nothing() -> None:
    assert check_attributes("other", {}) == {}
    with pytest.raises(AnswerRefused, match="other asks nothing"):
        check_attributes("other", {"colour": "red"})


@pytest.mark.parametrize(
    ("category", "code", "answer", "reason"),
    [
        ("mobile_vendor", "vendors", 0, "0 is not between 1 and 200"),
        ("mobile_vendor", "vendors", 201, "201 is not between 1 and 200"),
        ("mobile_vendor", "vendors", "3", "'3' is not a number"),
        ("mobile_vendor", "vendors", True, "True is not a number"),
        ("mobile_vendor", "vendors", float("nan"), "nan is not between"),
        ("mobile_vendor", "vendors", float("inf"), "inf is not between"),
        ("mobile_vendor", "stall", "rocket", "'rocket' is none of tricycle, handcart"),
        ("mobile_vendor", "stall", ["van", "table"], "takes one answer, not 2"),
        ("mobile_vendor", "stall", 5, "5 is no key"),
        ("mobile_vendor", "goods", [5], "5 is none of"),
        ("mobile_vendor", "goods", [["snacks"]], "is none of"),
        ("mobile_vendor", "goods", ["snacks", "snacks"], "has a key twice"),
        ("mobile_vendor", "goods", ["snacks"] * 8, "8 answers; there are 7"),
        ("mobile_vendor", "goods", {"snacks": 1}, "no key and no list"),
        ("parking_conflict", "compound", "长" * 61, "has 61 characters; at most 60"),
        ("parking_conflict", "compound", "two\nlines", "must be one line"),
        ("parking_conflict", "compound", "two\u2028lines", "must be one line"),
        ("parking_conflict", "compound", "a\x00b", "NUL"),
        ("parking_conflict", "compound", "   ", "is blank"),
        ("parking_conflict", "compound", 7, "7 is not a text"),
        ("construction_nuisance", "heard_at", "yesterday", "'yesterday' is not a moment"),
        ("construction_nuisance", "heard_at", "2026-07-01T12:00:00", "not a moment with its zone"),
        ("construction_nuisance", "heard_at", 1_700_000_000, "not a moment with its zone"),
        ("construction_nuisance", "heard_at", "0001-01-01T00:00:00+08:00", "does not exist in UTC"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_its_limit(
    category: str, code: str, answer: object, reason: str
) -> None:
    with pytest.raises(AnswerRefused) as refusal:
        check_attributes(category, {code: answer})

    assert refusal.value.field == code
    assert reason in str(refusal.value)


def test_a_number_too_long_to_be_written_out_is_refused_all_the_same() -> None:
    with pytest.raises(AnswerRefused, match="this number is not between 1 and 200"):
        check_attributes("mobile_vendor", {"vendors": 10**5000})


def test_a_refusal_never_repeats_a_whole_answer() -> None:
    with pytest.raises(AnswerRefused) as refusal:
        check_attributes("mobile_vendor", {"stall": "x" * 1_000_000})

    assert len(str(refusal.value)) < 300


def test_the_texts_of_a_form_mean_what_their_questions_take() -> None:
    answers = answers_from_texts(
        "mobile_vendor", {"vendors": ["3"], "goods": ["snacks", "clothes"], "stall": ["van"], "usual_time": [""]}
    )

    assert dict(answers) == {"goods": ("snacks", "clothes"), "stall": "van", "vendors": 3.0}


@pytest.mark.parametrize(
    ("code", "texts", "reason"),
    [
        ("vendors", ["three"], "'three' is not a number"),
        ("vendors", ["nan"], "'nan' is not a number"),
        ("vendors", ["1e999"], "'1e999' is not a number"),
        ("vendors", ["1", "2"], "takes one answer, not 2"),
        ("stall", ["van", "table"], "takes one answer, not 2"),
        ("colour", ["red"], "mobile_vendor asks goods"),
    ],
)
def test_a_text_that_means_nothing_is_refused(code: str, texts: list[str], reason: str) -> None:
    with pytest.raises(AnswerRefused, match=reason):
        answers_from_texts("mobile_vendor", {code: texts})


def test_private_answers_are_named_so_that_they_can_be_kept_apart() -> None:
    assert private_codes("errand_medicine") == {"medicines"}
    assert private_codes("bbq") == frozenset()


@given(st.sampled_from(sorted(load_attributes())), st.data())
def test_whatever_is_answered_is_kept_or_refused_by_name(category: str, data: st.DataObject) -> None:
    codes = [attribute.code for attribute in attributes_of(category)]
    answers = data.draw(st.dictionaries(st.sampled_from(codes), ANYTHING))

    outcome = attempt(category, answers)

    if isinstance(outcome, AnswerRefused):
        assert outcome.field in codes
    else:
        assert check_attributes(category, outcome) == outcome


def attempt(category: str, answers: Mapping[str, object]) -> Mapping[str, Answer] | AnswerRefused:
    try:
        return check_attributes(category, answers)
    except AnswerRefused as refusal:
        return refusal
