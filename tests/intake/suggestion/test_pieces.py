"""Is a text taken apart the same way whoever wrote it, and does nothing personal become a piece?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.suggestion.pieces import LENGTH_MARK, READ_CHARS, Language, language_of, pieces_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("路灯不亮", Language.ZH),
        ("iPhone 店门口占道", Language.ZH),
        ("pothole", Language.EN),
        ("there is a pothole in front of 苏州", Language.EN),
        ("", Language.EN),
        ("？！123", Language.EN),
    ],
)
def test_the_language_is_that_of_most_of_the_text(text: str, language: Language) -> None:
    assert language_of(text) is language


def test_a_chinese_text_falls_into_characters_and_pairs() -> None:
    assert pieces_of("路灯，坏了", Language.ZH) == {"路", "灯", "路灯", "坏", "了", "坏了"}


def test_an_english_text_falls_into_words_pairs_beginnings_and_its_length() -> None:
    assert pieces_of("Broken lights", Language.EN) == {
        "broken", "lights", "broken lights", "^brok", "^ligh", f"{LENGTH_MARK}0",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["4417 Main St", "call 619 555 0100", "６１９"])
def test_no_number_becomes_a_piece(text: str) -> None:
    with_digits = {piece for piece in pieces_of(text, Language.EN) if any(each.isdigit() for each in piece)}

    assert all(piece.startswith(LENGTH_MARK) for piece in with_digits)


def test_wide_letters_and_capitals_are_the_same_word() -> None:
    assert pieces_of("ＰＯＴＨＯＬＥ", Language.EN) == pieces_of("pothole", Language.EN)


def test_a_long_text_is_read_to_its_limit() -> None:
    assert pieces_of("坑" * READ_CHARS + "灯", Language.ZH) == {"坑", "坑坑"}


@given(st.text())
def test_any_text_has_pieces_or_none(text: str) -> None:
    for language in Language:
        assert all(pieces_of(text, language))
    assert language_of(text) in Language
