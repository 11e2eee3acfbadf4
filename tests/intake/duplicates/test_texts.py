"""How alike are two texts, and two addresses?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.duplicates.addresses import AddressMatch, match_addresses
from intake.duplicates.shapes import Shape
from intake.duplicates.texts import GramWeights, similarity

WEIGHTS = GramWeights({" th": 0.1, "the": 0.1, "he ": 0.1}, 5.0)


def alike(first: str, second: str) -> float | None:
    return similarity(WEIGHTS.profile(first), WEIGHTS.profile(second))


@pytest.mark.parametrize("text", ["流动摊贩占道", "a pothole", "井盖 missing", "狗"])
def test_a_text_is_like_itself(text: str) -> None:
    assert alike(text, text) == pytest.approx(1.0)


def test_case_and_width_do_not_matter() -> None:
    assert alike("ＡＢＣ Street", "abc STREET") == pytest.approx(1.0)


def test_chinese_texts_are_compared_without_spaces_between_words() -> None:
    near, far = alike("路灯不亮了", "这里路灯不亮"), alike("路灯不亮了", "垃圾没有清理")
    assert near is not None
    assert far is not None
    assert near > 0.5 > far


def test_words_that_everybody_uses_say_little() -> None:
    common, rare = alike("the pothole", "the encampment"), alike("big pothole", "deep pothole")
    assert common is not None
    assert rare is not None
    assert common < 0.1 < rare


@pytest.mark.parametrize("nothing", ["", "   ", "!?。"])
def test_a_text_that_says_nothing_is_like_none(nothing: str) -> None:
    assert alike(nothing, "a pothole") is None


@given(st.text(max_size=400), st.text(max_size=400))
def test_likeness_is_a_share_in_either_order(first: str, second: str) -> None:
    found = alike(first, second)
    assert found == alike(second, first) or found == pytest.approx(alike(second, first))
    assert found is None or 0 <= found <= 1


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("820 E St", "820 E Street, San Diego, CA", AddressMatch.SAME_HOUSE),
        ("820 E St", "815 E St", AddressMatch.SAME_STREET),
        ("820 E St", "820 Market St", AddressMatch.OTHER_STREET),
        ("人民路12号", "人民路12号", AddressMatch.SAME_HOUSE),
        ("人民路12号", "人民路15号", AddressMatch.SAME_STREET),
        ("人民路12号", "中山路12号", AddressMatch.OTHER_STREET),
        ("", "820 E St", AddressMatch.UNKNOWN),
        ("E St", "E St", AddressMatch.SAME_STREET),
    ],
)
def test_addresses_are_compared_by_house_and_street(first: str, second: str, expected: AddressMatch) -> None:
    assert match_addresses(first, second) is expected


def test_a_shape_is_straight_between_knots_and_level_outside() -> None:
    shape = Shape([0.0, 10.0], [4.0, 2.0])
    assert [shape.at(measure) for measure in (-1.0, 0.0, 5.0, 10.0, 99.0)] == [4.0, 4.0, 3.0, 2.0, 2.0]
