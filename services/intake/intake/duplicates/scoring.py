"""How many points does each part of a likeness bring, and what rules a pair out?"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p

from intake.duplicates.clues import Clue
from intake.duplicates.likeness import Likeness, distance_m, gap_min
from intake.duplicates.parameters import CategoryHabit, Parameters
from intake.duplicates.texts import grams, similarity

_NO_HABIT = CategoryHabit(affinity=0.0, per_log_m=0.0, per_log_min=0.0)


@dataclass(frozen=True, slots=True)
class Parts:
    """The points of one pair, in log-odds; they add up to its score."""

    base: float
    distance: float
    time: float
    category: float
    address: float
    photo: float
    text: float = 0.0
    reporter: float = 0.0

    @property
    def score(self) -> float:
        """The sum."""
        known = self.base + self.distance + self.time + self.category + self.address + self.photo
        return known + self.text + self.reporter


def parts_without_text(new: Clue, old: Clue, likeness: Likeness, parameters: Parameters) -> Parts:
    """All parts that are cheap."""
    habit = _habit(new, old, parameters)
    return Parts(
        base=parameters.base,
        distance=parameters.distance_m.shape.at(likeness.distance_m) + habit.per_log_m * log1p(likeness.distance_m),
        time=parameters.gap_min.shape.at(likeness.gap_min) + habit.per_log_min * log1p(likeness.gap_min),
        category=habit.affinity + category_points(new, old, parameters),
        address=parameters.addresses[likeness.address],
        photo=0.0 if likeness.photo_bits is None else parameters.photo_bits.shape.at(likeness.photo_bits),
    )


def category_points(new: Clue, old: Clue, parameters: Parameters) -> float:
    """Same, known to be taken for each other, of one group, or a pair of which nothing is known."""
    table = parameters.categories
    if new.category == old.category:
        return table.same
    learned = table.learned.get(frozenset((new.category, old.category)))
    if learned is not None:
        return learned
    return table.same_group if new.group and new.group == old.group else table.other


def text_similarity(new: Clue, old: Clue, parameters: Parameters) -> float | None:
    """The likeness of the two texts, 0 to 1; None unless both say something."""
    scale = parameters.texts.scale
    return similarity(scale.profile(new.text), scale.profile(old.text))


def text_points(new: Clue, old: Clue, alike: float | None, parameters: Parameters) -> float:
    """Points for a similarity, or for a text that is not there."""
    table = parameters.texts
    if alike is not None:
        return table.similarity.shape.at(alike)
    return table.only_one if new.text.strip() or old.text.strip() else table.neither


def is_comparable(new: Clue, old: Clue, parameters: Parameters) -> bool:
    """Whether the two lie near enough, in place and time, to be compared."""
    limits = parameters.limits
    far_m = limits.distance_m if new.category == old.category else limits.other_category_distance_m
    return gap_min(new, old) <= 60 * limits.gap_h and distance_m(new, old) <= far_m


def is_unlike(new: Clue, old: Clue, parameters: Parameters) -> bool:
    """Whether the categories differ and are no known pair."""
    return new.category != old.category and frozenset((new.category, old.category)) not in parameters.categories.learned


def is_near_identical(new: Clue, old: Clue, likeness: Likeness, alike: float | None, parameters: Parameters) -> bool:
    """Whether place and text, or place and photo, are so much the same that the category may be a slip."""
    rule = parameters.near_identical
    if likeness.distance_m > rule.distance_m:
        return False
    if likeness.photo_bits is not None and likeness.photo_bits <= rule.photo_bits:
        return True
    is_long = min(len(grams(new.text)), len(grams(old.text))) >= rule.pieces
    return is_long and alike is not None and alike >= rule.similarity


def is_burst(likeness: Likeness, parameters: Parameters) -> bool:
    """Whether one device told both within minutes."""
    return likeness.is_same_reporter and likeness.gap_min <= parameters.burst.within_min


def is_told_again(new: Clue, old: Clue, likeness: Likeness, alike: float | None, parameters: Parameters) -> bool:
    """Of a burst: whether it is the same once more, and not the next thing along the way."""
    rule = parameters.burst
    if new.category != old.category or likeness.distance_m > rule.again_distance_m:
        return False
    if alike is not None:
        return alike >= rule.again_similarity
    if likeness.photo_bits is not None:
        return likeness.photo_bits <= parameters.near_identical.photo_bits
    return new.text.strip() == old.text.strip()


def _habit(new: Clue, old: Clue, parameters: Parameters) -> CategoryHabit:
    if new.category != old.category:
        return _NO_HABIT
    return parameters.categories.habits.get(new.category, _NO_HABIT)
