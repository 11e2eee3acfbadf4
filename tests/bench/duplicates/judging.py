"""What is decided about each report of the judged days, one after the other as they came in?

A report sees only earlier ones, and the cases that they were merged into by decisions of the same rule. Links of judged
days are read after the last decision.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from intake.duplicates.clues import Candidate, Clue
from intake.duplicates.decision import choose_case
from intake.duplicates.likeness import distance_m
from intake.duplicates.parameters import Parameters
from tests.bench.duplicates.city_links import CityLinks, Told
from tests.bench.duplicates.nearby import Nearby
from tests.bench.duplicates.verdicts import Verdict

TRIVIAL_DISTANCE_M = 50.0
TRIVIAL_GAP = timedelta(hours=48)

Choose = Callable[[Clue, Sequence[Candidate]], Candidate | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """How far it looks, whom it chooses, and whether it asks for open cases only."""

    name: str
    distance_m: float
    gap: timedelta
    limit: int
    choose: Choose
    asks_open: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts of the judged days and what they took.

    Arguments:
        cpu_us: of each decision that had a candidate, without finding the candidates.
        cases: how many cases the reports of all days came to.
    """

    verdicts: Sequence[Verdict]
    cpu_us: Sequence[float]
    cases: int


def scored_rule(parameters: Parameters, *, asks_open: bool) -> Rule:
    """Ours."""

    def choose(new: Clue, candidates: Sequence[Candidate]) -> Candidate | None:
        match = choose_case(new, candidates, parameters).match
        return next((each for each in candidates if match and each.clue.id == match.report_id), None)

    limits = parameters.limits
    return Rule("scored", limits.distance_m, timedelta(hours=limits.gap_h), limits.candidates, choose, asks_open)


def trivial_rule(*, asks_open: bool) -> Rule:
    """The nearest report of the same category within 50 m and 48 hours."""

    def choose(new: Clue, candidates: Sequence[Candidate]) -> Candidate | None:
        same = [each for each in candidates if each.clue.category == new.category]
        return min(same, key=lambda each: (distance_m(new, each.clue), each.clue.id), default=None)

    return Rule("same category, 50 m, 48 h", TRIVIAL_DISTANCE_M, TRIVIAL_GAP, 1000, choose, asks_open)


def judge(links: CityLinks, rule: Rule) -> Judged:
    """Let a rule decide about all reports in turn; the verdicts are those of the judged days."""
    placed = {each.clue.id: each for each in links.told if each.clue}
    chosen: dict[UUID, UUID] = {}
    cases: dict[UUID, UUID] = {}
    cpu_us: list[float] = []
    nearby = Nearby(distance_m=rule.distance_m, gap=rule.gap, latitude_deg=_middle_deg(links.told))
    for each in links.told:
        if each.clue is None:
            continue
        near = nearby.near(each.clue, rule.limit, wanted=partial(_is_wanted, placed, each, rule))
        candidates = [Candidate(clue, cases[clue.id]) for clue in near]
        began_ns = time.process_time_ns()
        found = rule.choose(each.clue, candidates) if candidates else None
        if candidates and each.day >= links.first_judged_day:
            cpu_us.append((time.process_time_ns() - began_ns) / 1000)
        if found is not None:
            chosen[each.clue.id] = found.clue.id
        cases[each.clue.id] = each.clue.id if found is None else found.case_id
        nearby.add(each.clue)
    return Judged(_verdicts(links, chosen), cpu_us, len(set(cases.values())))


def _is_wanted(placed: Mapping[UUID, Told], new: Told, rule: Rule, old: Clue) -> bool:
    return not rule.asks_open or placed[old.id].was_open_for(new)


def _verdicts(links: CityLinks, chosen: dict[UUID, UUID]) -> list[Verdict]:
    families = {each.clue.id: each.family for each in links.told if each.clue}
    verdicts = []
    for told in (each for each in links.told if each.day >= links.first_judged_day):
        partner = chosen.get(told.clue.id) if told.clue else None
        is_right = partner is not None and families[partner] == told.family
        verdicts.append(Verdict(told, is_merged=partner is not None, is_right=is_right))
    return verdicts


def _middle_deg(told: Sequence[Told]) -> float:
    latitudes_deg = [each.clue.latitude_deg for each in told if each.clue]
    return sum(latitudes_deg) / len(latitudes_deg)
