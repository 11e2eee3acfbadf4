"""How alike are two texts, in whatever language they are written?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Final

READ_CHARS: Final = 300
"""What is read of a text: nobody needs longer to say what it is about, and the time of a search stays bounded."""

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_RUNS: Final = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")


@dataclass(frozen=True, slots=True)
class TextProfile:
    """The pieces of a text, each with the square of its weight; without pieces it is no text."""

    weights: Mapping[str, float]
    length: float


@dataclass(frozen=True, slots=True)
class GramWeights:
    """How much a piece of text says: little when every second report has it. Pieces never seen say the most."""

    known: Mapping[str, float]
    unknown: float

    def profile(self, text: str) -> TextProfile:
        """The weighted pieces of a text."""
        weights = {gram: self.known.get(gram, self.unknown) ** 2 for gram in grams(text)}
        return TextProfile(weights, sqrt(sum(weights.values())))


def similarity(first: TextProfile, second: TextProfile) -> float | None:
    """The cosine of two profiles, 0 to 1; None when either says nothing."""
    if not first.weights or not second.weights:
        return None
    few, many = sorted((first.weights, second.weights), key=len)
    shared = sum(weight for gram, weight in few.items() if gram in many)
    return min(1.0, shared / (first.length * second.length))


@lru_cache(maxsize=4096)
def grams(text: str) -> frozenset[str]:
    """The pieces of the first 300 characters: pairs of Chinese characters, three letters in a row of any other word."""
    plain = unicodedata.normalize("NFKC", text[:READ_CHARS]).casefold()
    return frozenset(gram for run in _RUNS.findall(plain) for gram in _grams_of_run(run))


def _grams_of_run(run: str) -> Iterator[str]:
    is_han = re.match(rf"[{_HAN}]", run) is not None
    padded, size = (run, 2) if is_han and len(run) > 1 else (f" {run} ", 3)
    return (padded[start : start + size] for start in range(len(padded) - size + 1))
