"""By which words do people call each category?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from intake.suggestion.pieces import Language
from lamplight_events.catalogue import load_categories
from lamplight_events.tables import Row, TableError, read_table, unique

WORDS_PATH = Path(__file__).parent / "data" / "words.csv"
WORD_COLUMNS = ("category", "words_zh", "words_en")
SEPARATOR = "|"


class WordsError(TableError):
    """A table of words with a mistake in it."""


@dataclass(frozen=True, slots=True)
class Words:
    """What people say for one category, beside its name."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    def in_language(self, language: Language) -> tuple[str, ...]:
        """The words of one language."""
        return self.zh if language is Language.ZH else self.en


@cache
def load_words(path: Path = WORDS_PATH) -> Mapping[str, Words]:
    """The words of every category by slug.

    Raises:
        WordsError: an unknown or missing category, an empty or doubled word; with file, line and field.
    """
    rows = list(read_table(path, WORD_COLUMNS, error=WordsError))
    found = dict(unique(rows, "category", _words))
    for slug in load_categories():
        if slug not in found:
            rows[-1].refuse("category", f"the file ends without the category {slug}")
    return MappingProxyType(found)


def _words(row: Row) -> Words:
    slug = row.text("category")
    if slug not in load_categories():
        row.refuse("category", f"{slug!r} is not in the catalogue")
    return Words(zh=_split(row, "words_zh"), en=_split(row, "words_en"))


def _split(row: Row, field: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in row.text(field).split(SEPARATOR))
    if "" in words:
        row.refuse(field, "has an empty word")
    if len(set(words)) < len(words):
        row.refuse(field, "has a word twice")
    return words
