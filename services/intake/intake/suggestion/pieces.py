"""Into which pieces is a text taken apart, so that a model can weigh them?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Final

READ_CHARS: Final = 400
"""What is read of a text: nobody needs longer to say what it is about, and the time stays bounded."""

LENGTH_MARK: Final = "#"
"""Begins the one piece that says how long a text is, and no other."""

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_HAN_RUNS: Final = re.compile(rf"[{_HAN}]+")
_WORDS: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_STEM_CHARS: Final = 4
_WORDS_PER_LENGTH: Final = 3
_LONGEST: Final = 5


class Language(StrEnum):
    """The languages that suggestions are made in."""

    ZH = "zh"
    EN = "en"


def language_of(text: str) -> Language:
    """Chinese as soon as it has as many Chinese characters as words of Latin letters."""
    read = text[:READ_CHARS].casefold()
    characters = sum(len(run) for run in _HAN_RUNS.findall(read))
    return Language.ZH if characters and characters >= len(_WORDS.findall(read)) else Language.EN


def pieces_of(text: str, language: Language) -> frozenset[str]:
    """The pieces of the first 400 characters, each once.

    Chinese: single characters and pairs. English: words and pairs of words, the beginnings of longer words, and about
    how long the text is. Numbers are left out: a house or a phone says nothing about the category.
    """
    plain = unicodedata.normalize("NFKC", text[:READ_CHARS]).casefold()
    return frozenset(_chinese(plain) if language is Language.ZH else _english(plain))


def _chinese(text: str) -> Iterator[str]:
    for run in _HAN_RUNS.findall(text):
        yield from run
        yield from (run[start : start + 2] for start in range(len(run) - 1))


def _english(text: str) -> Iterator[str]:
    words = _WORDS.findall(text)
    yield from words
    yield from (f"{first} {second}" for first, second in pairwise(words))
    yield from (f"^{word[:_STEM_CHARS]}" for word in words if len(word) > _STEM_CHARS)
    if words:
        yield f"{LENGTH_MARK}{min(len(words) // _WORDS_PER_LENGTH, _LONGEST)}"
