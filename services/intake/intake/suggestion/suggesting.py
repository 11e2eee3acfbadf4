"""Which categories could a text be about, and does that speak against what was chosen?

A suggestion is told, never applied: what a person or a system chose stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from intake.suggestion.model import Model, fitted_model
from intake.suggestion.pieces import Language, language_of, pieces_of

SHOWN = 3
"""How many categories a suggestion holds; more is no help to somebody who chooses."""

Models = Callable[[Language], Model]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A category that a text may be about; `confidence` is 0 to 1, the share of such answers that are right."""

    category: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a text seems to be about.

    Arguments:
        candidates: the likeliest first, at most three; none when no piece of the text is known.
        is_sure: whether the first is confident enough to be put to a person as the answer.
        disagrees: it is sure of another category than the one that was chosen. Nothing follows from it by itself.
        reason: a stable word: `sure`, `unsure` or `nothing_known`.
        version: which model said so.
    """

    language: Language
    candidates: tuple[Candidate, ...]
    is_sure: bool
    disagrees: bool
    reason: str
    version: str


def suggest(text: str, *, chosen: str | None = None, models: Models = fitted_model) -> Suggestion:
    """Suggest a category for a text in Chinese or English.

    Arguments:
        chosen: the category that the caller gave, if any; it is compared, nothing else.
    """
    model = models(language_of(text))
    chances = model.confidences(pieces_of(text, model.language))
    if chances is None:
        return Suggestion(model.language, (), False, False, "nothing_known", model.version)
    first = np.argsort(-chances, kind="stable")[:SHOWN].tolist()
    candidates = tuple(Candidate(model.categories[at], round(float(chances[at]), 4)) for at in first)
    is_sure = candidates[0].confidence >= model.threshold
    return Suggestion(
        language=model.language,
        candidates=candidates,
        is_sure=is_sure,
        disagrees=is_sure and chosen is not None and chosen != candidates[0].category,
        reason="sure" if is_sure else "unsure",
        version=model.version,
    )
