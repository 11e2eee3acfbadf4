"""Does a new report belong to a case that is already known, and to which?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp, inf
from uuid import UUID

from intake.duplicates.clues import Candidate, Clue
from intake.duplicates.likeness import Likeness, measure_likeness
from intake.duplicates.parameters import Parameters
from intake.duplicates.reasons import Reason, reason_against, reason_for
from intake.duplicates.scoring import (
    Parts,
    is_burst,
    is_comparable,
    is_near_identical,
    is_told_again,
    is_unlike,
    parts_without_text,
    text_points,
    text_similarity,
)


@dataclass(frozen=True, slots=True)
class Match:
    """The earlier report that decided, with every part of its score (log-odds)."""

    case_id: UUID
    report_id: UUID
    score: float
    parts: Parts
    likeness: Likeness
    text_similarity: float | None

    @property
    def probability(self) -> float:
        """The score as the chance that both tell of one matter, 0 to 1."""
        return 1 / (1 + exp(-self.score))


@dataclass(frozen=True, slots=True)
class Decision:
    """The case to join or None for a new one, why, and under which parameters."""

    match: Match | None
    reason: Reason
    version: str

    @property
    def case_id(self) -> UUID | None:
        """The case to join."""
        return None if self.match is None else self.match.case_id


@dataclass(frozen=True, slots=True)
class _Pair:
    candidate: Candidate
    likeness: Likeness
    parts: Parts
    most_points: float


def choose_case(new: Clue, candidates: Iterable[Candidate], parameters: Parameters) -> Decision:
    """Choose among earlier reports nearby; their order does not matter, and those beyond the limits change nothing.

    Arguments:
        candidates: what the store found; a caller leaves out cases that are closed for good.
    """
    pairs = list(_comparable(new, candidates, parameters))
    refused = _burst_cases(new, pairs, parameters)
    open_pairs = [pair for pair in pairs if pair.candidate.case_id not in refused]
    match = _best_match(new, open_pairs, parameters)
    if match is None:
        return Decision(None, reason_against(len(pairs), len(refused)), parameters.version)
    return Decision(match, reason_for(match.parts, match.likeness, match.text_similarity), parameters.version)


def score_pair(new: Clue, candidate: Candidate, parameters: Parameters) -> Match | None:
    """The full score of one pair, whatever the threshold; None where a limit or unlike categories keep them apart."""
    pair = _pair(new, candidate, parameters)
    return None if pair is None else _match(new, pair, parameters)


def _comparable(new: Clue, candidates: Iterable[Candidate], parameters: Parameters) -> Iterator[_Pair]:
    for candidate in candidates:
        pair = _pair(new, candidate, parameters)
        if pair is not None:
            yield pair


def _pair(new: Clue, candidate: Candidate, parameters: Parameters) -> _Pair | None:
    old = candidate.clue
    if old.id == new.id or not is_comparable(new, old, parameters):
        return None
    likeness = measure_likeness(new, old)
    parts = parts_without_text(new, old, likeness, parameters)
    most = parts.score + parameters.texts.most_points
    most += parameters.near_identical.points - parts.category if is_unlike(new, old, parameters) else 0.0
    most += parameters.burst.again if likeness.is_same_reporter else 0.0
    return _Pair(candidate, likeness, parts, most)


def _burst_cases(new: Clue, pairs: Sequence[_Pair], parameters: Parameters) -> set[UUID]:
    """Cases in which the same device told something else just now: this one is the next thing on its way."""
    told: dict[bool, set[UUID]] = {True: set(), False: set()}
    for pair in pairs:
        if is_burst(pair.likeness, parameters):
            told[_is_told_again(new, pair, parameters)].add(pair.candidate.case_id)
    return told[False] - told[True]


def _is_told_again(new: Clue, pair: _Pair, parameters: Parameters) -> bool:
    old = pair.candidate.clue
    return is_told_again(new, old, pair.likeness, text_similarity(new, old, parameters), parameters)


def _best_match(new: Clue, pairs: Sequence[_Pair], parameters: Parameters) -> Match | None:
    """Texts are read only as long as one could still win; the threshold and the best so far rule out the rest."""
    best: Match | None = None
    best_rank = (parameters.threshold, -inf, "")
    for pair in sorted(pairs, key=lambda each: -each.most_points):
        if pair.most_points < best_rank[0]:
            break
        match = _match(new, pair, parameters)
        if match is None:
            continue
        old = pair.candidate.clue
        rank = (match.score, -old.at.timestamp(), str(old.id))
        if rank >= best_rank:
            best, best_rank = match, rank
    return best


def _match(new: Clue, pair: _Pair, parameters: Parameters) -> Match | None:
    old = pair.candidate.clue
    alike = text_similarity(new, old, parameters)
    unlike = is_unlike(new, old, parameters)
    if unlike and not is_near_identical(new, old, pair.likeness, alike, parameters):
        return None
    again = is_burst(pair.likeness, parameters) and is_told_again(new, old, pair.likeness, alike, parameters)
    parts = replace(
        pair.parts,
        category=parameters.near_identical.points if unlike else pair.parts.category,
        text=text_points(new, old, alike, parameters),
        reporter=parameters.burst.again if again else 0.0,
    )
    return Match(pair.candidate.case_id, old.id, parts.score, parts, pair.likeness, alike)
