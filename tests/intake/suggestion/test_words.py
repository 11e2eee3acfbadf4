"""Has every category words in both languages, and is every mistake in them refused?"""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.suggestion.pieces import Language
from intake.suggestion.words import WORDS_PATH, WordsError, load_words
from lamplight_events.catalogue import load_categories
from tests.events.spoiled_tables import spoiled, with_row, without_row


def test_every_category_has_words_in_both_languages() -> None:
    assert set(load_words()) == set(load_categories())
    assert all(words.in_language(language) for words in load_words().values() for language in Language)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("category", "barbecue", "not in the catalogue"),
        ("category", "small_ads", "already on line"),
        ("words_zh", "", "is empty"),
        ("words_zh", "烧烤||烤串", "has an empty word"),
        ("words_en", "grill|grill", "has a word twice"),
    ],
)
def test_a_mistake_is_refused(tmp_path: Path, field: str, value: str, reason: str) -> None:
    path = spoiled(WORDS_PATH, tmp_path, key="bbq", field=field, value=value)

    with pytest.raises(WordsError, match=reason):
        load_words(path)


def test_a_table_without_a_category_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="without the category bbq"):
        load_words(without_row(WORDS_PATH, tmp_path, key="bbq"))


def test_a_second_row_of_a_category_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="already on line"):
        load_words(with_row(WORDS_PATH, tmp_path, category="bbq", words_zh="烧烤", words_en="grill"))
