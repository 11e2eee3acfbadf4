"""What is measured between every two reports that are near enough to be one matter?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log

from intake.duplicates.clues import Clue
from intake.duplicates.likeness import Likeness, measure_likeness
from intake.duplicates.texts import GramWeights, grams, similarity
from tests.bench.duplicates.city_links import Told
from tests.bench.duplicates.nearby import Nearby

DISTANCE_M = 160.0
OTHER_CATEGORY_DISTANCE_M = 60.0
GAP_H = 240.0
KNOWN_FROM = 10
UNKNOWN_AS_IF_IN = 4
NEIGHBOURS = 200


@dataclass(frozen=True, slots=True)
class TwoReports:
    """The later and the earlier one, and whether the city says that they are one matter."""

    new: Clue
    old: Clue
    day: int
    likeness: Likeness
    text_similarity: float | None
    is_linked: bool


def learn_gram_weights(texts: Sequence[str]) -> GramWeights:
    """Inverse document frequency; only pieces that stand in ten texts and more are written down."""
    counts = Counter(gram for text in texts for gram in grams(text))
    known = {gram: round(log((len(texts) + 1) / count), 2) for gram, count in counts.items() if count >= KNOWN_FROM}
    return GramWeights(known, round(log((len(texts) + 1) / UNKNOWN_AS_IF_IN), 2))


def pairs_of(told: Sequence[Told], weights: GramWeights) -> list[TwoReports]:
    """Each report with every earlier one nearby, and of another category only the very near ones."""
    placed = {each.clue.id: each for each in told if each.clue is not None}
    middle = sum(each.clue.latitude_deg for each in placed.values() if each.clue) / len(placed)
    nearby = Nearby(distance_m=DISTANCE_M, gap=timedelta(hours=GAP_H), latitude_deg=middle)
    profiles = {id: weights.profile(each.clue.text) for id, each in placed.items() if each.clue}
    pairs: list[TwoReports] = []
    for each in placed.values():
        new = each.clue
        if new is None:
            continue
        for old in nearby.near(new, NEIGHBOURS):
            if not placed[old.id].was_open_for(each):
                continue
            likeness = measure_likeness(new, old)
            if new.category == old.category or likeness.distance_m <= OTHER_CATEGORY_DISTANCE_M:
                alike = similarity(profiles[new.id], profiles[old.id])
                is_linked = placed[old.id].family == each.family
                pairs.append(TwoReports(new, old, each.day, likeness, alike, is_linked))
        nearby.add(new)
    return pairs
