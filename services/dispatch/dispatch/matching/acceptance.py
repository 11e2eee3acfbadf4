"""How likely is it that this worker says yes to this case, given all answers so far?

A yes needs two things: the worker is willing at all, and does not mind the way. Willingness is a Beta prior per worker
updated with every answer; the way thins it out exponentially; category and hour of the day multiply it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from dispatch.matching.columns import Floats, Ints

SURE = 0.98
HOPELESS = 0.02
KNOWN_ANSWERS = 60.0
"""The prior of a whole crew weighs as much as so many of its answers."""


class Answer(StrEnum):
    """What a worker said to an offer."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class AcceptanceModel:
    """What is known before a worker's first answer.

    Arguments:
        prior_yes, prior_no: the Beta prior of a worker's willingness.
        way_m: at this distance, in metres of straight line, a yes is e times rarer than on the spot.
        by_category: a factor per category number, 1 where none is given.
        by_hour: 24 factors by local hour, or none.
    """

    prior_yes: float = 4.0
    prior_no: float = 2.0
    way_m: float = 6_000.0
    by_category: Mapping[str, float] = field(default_factory=dict)
    by_hour: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not (self.prior_yes > 0 and self.prior_no > 0 and self.way_m > 0):
            raise ValueError("prior_yes, prior_no, way_m: all must be above 0")
        if len(self.by_hour) not in (0, 24):
            raise ValueError(f"by_hour: {len(self.by_hour)} factors, 24 or none are wanted")


@dataclass(frozen=True, slots=True)
class Record:
    """A worker's answers so far: would have gone `yes` times out of `answers`."""

    yes: float = 0.0
    answers: float = 0.0


def crew_share(model: AcceptanceModel, yes: Floats, answers: Floats) -> float:
    """The share of yes on the spot of a whole crew: the prior, updated with the answers of all."""
    usual = model.prior_yes / (model.prior_yes + model.prior_no)
    return float((KNOWN_ANSWERS * usual + yes.sum()) / (KNOWN_ANSWERS + answers.sum()))


def willingness(model: AcceptanceModel, yes: Floats, answers: Floats, *, share: float) -> Floats:
    """The posterior mean share of yes on the spot, per worker, from the crew's share and the worker's own answers."""
    weight = model.prior_yes + model.prior_no
    expected: Floats = (weight * share + yes) / (weight + answers)
    return expected


def thinning(model: AcceptanceModel, distance_m: Floats, category: Ints, hour: int) -> Floats:
    """By how much way, category and hour thin out the yes, 0..1."""
    factor = np.exp(-distance_m / model.way_m)
    if model.by_hour:
        factor = factor * model.by_hour[hour]
    if model.by_category:
        known = {int(number): each for number, each in model.by_category.items()}
        factor = factor * np.array([known.get(int(number), 1.0) for number in category])
    return np.minimum(factor, 1.0)


def acceptance(willing: Floats, thinned: Floats) -> Floats:
    """The probability of a yes, kept off 0 and 1 because nobody is ever that sure."""
    return np.clip(willing * thinned, HOPELESS, SURE)


def after_answer(model: AcceptanceModel, record: Record, *, thinned: float, answer: Answer) -> Record:
    """The record after one more answer.

    A no from far away says little: it is counted as a yes with the probability that the worker was willing and only
    minded the way (one step of expectation maximisation).
    """
    if answer is Answer.YES:
        return Record(record.yes + 1.0, record.answers + 1.0)
    willing = (model.prior_yes + record.yes) / (model.prior_yes + model.prior_no + record.answers)
    minded_the_way = willing * (1.0 - thinned) / max(1.0 - willing * thinned, 1e-9)
    return Record(record.yes + minded_the_way, record.answers + 1.0)
