"""What would looking for words alone suggest? The baseline beside which the model is judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from intake.suggestion.pieces import Language
from intake.suggestion.words import load_words
from lamplight_events.catalogue import FALLBACK_SLUG, load_categories

Find = Callable[[str], Sequence[str]]

_APART = re.compile(r"[^a-z0-9]+")


def keyword_rule(language: Language) -> Find:
    """Ranks categories by how much of a text their names and words cover; with none it says `other`.

    It knows the same words as the model.
    """
    words = {slug: _words(slug, language) for slug in load_categories()}
    prepare = _plain if language is Language.EN else str.casefold

    def find(text: str) -> Sequence[str]:
        covered = _covered(prepare(text), words)
        ranked = sorted(covered, key=lambda slug: -covered[slug])
        return [*ranked, FALLBACK_SLUG][:3]

    return find


def _words(slug: str, language: Language) -> Sequence[str]:
    category, words = load_categories()[slug], load_words()[slug].in_language(language)
    if language is Language.ZH:
        return (category.name_zh, *words)
    return tuple(_plain(word) for word in (category.name_en, *words))


def _covered(text: str, words: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    sums = {slug: sum(len(word) for word in each if word in text) for slug, each in words.items()}
    return {slug: covered for slug, covered in sums.items() if covered}


def _plain(text: str) -> str:
    """Lower case, single blanks, a blank at either end: a word is then found as a whole word only."""
    return f" {' '.join(_APART.split(text.casefold())).strip()} "
