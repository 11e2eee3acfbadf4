"""From how many points on are two reports one matter?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, pstdev

import numpy as np

from tests.bench.duplicates.city_links import Told
from tests.bench.duplicates.columns import Floats
from tests.bench.duplicates.pairs import TwoReports
from tests.bench.duplicates.verdicts import Verdict, figures_of, linking_categories

MAX_FALSE_MERGES = 0.04
"""On a bad day, one standard deviation over the mean: the bar must hold on days that nobody has seen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A threshold, and what it does to reports that were not fitted: F1 of all, false merges of a bad day."""

    threshold: float
    f1: float
    false_merges: float


def choose_threshold(told: Sequence[Told], pairs: Sequence[TwoReports], scores: Floats) -> Choice:
    """The best F1 among the thresholds that merge few reports falsely, in the categories that the city links at all."""
    best = _best_pairs(pairs, scores)
    choices = [_tried(told, best, threshold) for threshold in np.arange(-4.0, 3.0, 0.05).tolist()]
    allowed = [choice for choice in choices if choice.false_merges <= MAX_FALSE_MERGES]
    return max(allowed, key=lambda choice: choice.f1)


def _best_pairs(pairs: Sequence[TwoReports], scores: Floats) -> dict[object, tuple[float, bool]]:
    best: dict[object, tuple[float, bool]] = {}
    for pair, score in zip(pairs, scores.tolist(), strict=True):
        if score > best.get(pair.new.id, (-np.inf, False))[0]:
            best[pair.new.id] = (score, pair.is_linked)
    return best


def _tried(told: Sequence[Told], best: dict[object, tuple[float, bool]], threshold: float) -> Choice:
    found = [best.get(each.clue.id if each.clue else None, (-np.inf, False)) for each in told]
    verdicts = [
        Verdict(each, is_merged=score >= threshold, is_right=score >= threshold and is_linked)
        for each, (score, is_linked) in zip(told, found, strict=True)
    ]
    linking = linking_categories(told)
    days = sorted({each.day for each in told})
    shares = [figures_of([each for each in verdicts if each.told.day == day], linking).false_merges for day in days]
    return Choice(threshold, figures_of(verdicts, linking).f1, mean(shares) + pstdev(shares))
