"""Why was this worker asked and not another, in figures for operators and in one sentence for everybody?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from dispatch.matching.candidates import pairs_between
from dispatch.matching.columns import Ints
from dispatch.matching.constraints import PAIR_RULES, WORKER_RULES
from dispatch.matching.engine import Plan

RUNNERS_UP = 3


class Verdict(StrEnum):
    """What was decided for a case."""

    ASKED = "asked"
    HELD = "held"
    LEFT_OPEN = "left_open"


class WhyOpen(StrEnum):
    """Why nobody was asked or waited for."""

    NOBODY_ALLOWED = "nobody_allowed"
    TAKEN_BY_OTHERS = "taken_by_others"
    COSTS_OTHERS_MORE = "costs_others_more"


class Language(StrEnum):
    """Languages of the sentence."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Option:
    """One worker for the case: the parts of the cost, and what the wait is worth against them, in seconds."""

    worker_id: int | str
    distance_m: float
    acceptance: float
    parts_s: MappingProxyType[str, float]
    priority_s: float

    @property
    def cost_s(self) -> float:
        """The sum of the parts."""
        return sum(self.parts_s.values())


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about one case.

    Arguments:
        chosen: the worker asked or waited for, and others asked together, best first.
        runners_up: the next cheapest, who were not chosen.
        why_open: None unless the case was left open.
        ruled_out: how many workers each rule excluded; a worker counts once, with the first rule.
        ruled_out_nearest: the nearest of them with the rule.
        version: of the parameters.
    """

    case_id: int | str
    verdict: Verdict
    chosen: tuple[Option, ...]
    runners_up: tuple[Option, ...]
    why_open: WhyOpen | None
    ruled_out: MappingProxyType[str, int]
    ruled_out_nearest: tuple[tuple[int | str, str], ...]
    version: str
    decided_at_s: float


def explain(plan: Plan, case_id: int | str) -> Explanation:
    """Explain what was decided about a case.

    Raises:
        KeyError: the case was not open in this decision.
    """
    rows = np.flatnonzero(plan.problem.cases.ids == case_id)
    if not len(rows):
        raise KeyError(case_id)
    row = int(rows[0])
    asked, held = _of_case(plan, plan.asked, row), _of_case(plan, plan.held, row)
    chosen = asked if len(asked) else held
    verdict = Verdict.ASKED if len(asked) else Verdict.HELD if len(held) else Verdict.LEFT_OPEN
    others = np.setdiff1d(np.flatnonzero(plan.pairs.case == row), chosen)
    cheapest = others[np.argsort(plan.costs.total_s[others], kind="stable")][:RUNNERS_UP]
    counts, nearest = _ruled_out(plan, row)
    return Explanation(
        case_id=case_id,
        verdict=verdict,
        chosen=_options(plan, chosen),
        runners_up=_options(plan, cheapest),
        why_open=_why_open(plan, others) if verdict is Verdict.LEFT_OPEN else None,
        ruled_out=MappingProxyType(counts),
        ruled_out_nearest=nearest,
        version=plan.parameters.version,
        decided_at_s=plan.problem.now_s,
    )


def _of_case(plan: Plan, at: Ints, row: int) -> Ints:
    mine: Ints = at[plan.pairs.case[at] == row]
    return mine


def _why_open(plan: Plan, mine: Ints) -> WhyOpen:
    """Arguments: mine: the pairs of a case of which none was chosen."""
    if not len(mine):
        return WhyOpen.NOBODY_ALLOWED
    taken = plan.pairs.worker[np.concatenate((plan.asked, plan.held))]
    are_taken = np.isin(plan.pairs.worker[mine], taken)
    return WhyOpen.TAKEN_BY_OTHERS if are_taken.all() else WhyOpen.COSTS_OTHERS_MORE


def _options(plan: Plan, at: Ints) -> tuple[Option, ...]:
    ids, costs = plan.problem.workers.ids.tolist(), plan.costs
    columns = {
        "arrival": costs.arrival_s,
        "decline": costs.decline_s,
        "pressure": costs.pressure_s,
        "fairness": costs.fairness_s,
    }
    return tuple(
        Option(
            worker_id=ids[int(plan.pairs.worker[index])],
            distance_m=float(plan.pairs.distance_m[index]),
            acceptance=float(costs.acceptance[index]),
            parts_s=MappingProxyType({name: float(column[index]) for name, column in columns.items()}),
            priority_s=float(costs.priority_s[index]),
        )
        for index in at.tolist()
    )


def _ruled_out(plan: Plan, row: int) -> tuple[dict[str, int], tuple[tuple[int | str, str], ...]]:
    problem, everybody = plan.problem, np.arange(len(plan.problem.workers))
    pairs = pairs_between(problem, np.full(len(everybody), row), everybody)
    passed = [(name, rule(problem, plan.parameters)) for name, rule in WORKER_RULES.items()]
    passed += [(name, rule(problem, pairs)) for name, rule in PAIR_RULES.items()]
    broken = np.full(len(everybody), "", dtype=object)
    for name, is_allowed in passed:
        broken[~is_allowed & (broken == "")] = name
    counts = {name: int((broken == name).sum()) for name, _ in passed if (broken == name).any()}
    out = np.flatnonzero(broken != "")
    nearest = out[np.argsort(pairs.distance_m[out], kind="stable")][:RUNNERS_UP]
    ids = problem.workers.ids.tolist()
    return counts, tuple((ids[int(each)], str(broken[each])) for each in nearest.tolist())


ALONE = "alone"
"""Held for the only one who can come."""

SENTENCES: MappingProxyType[Verdict | WhyOpen | str, MappingProxyType[Language, str]] = MappingProxyType(
    {
        key: MappingProxyType({Language.ZH: zh, Language.EN: en})
        for key, zh, en in (
            (
                Verdict.ASKED,
                "已邀请{count}名人员，首选距离约{km}公里，预计{minutes}分钟到达。",
                "{count} asked; the first is about {km} km away and expected in {minutes} minutes.",
            ),
            (
                Verdict.HELD,
                "等待一名即将空闲的人员：距离约{km}公里，预计{minutes}分钟到达，比现在派其他人员更合适。",
                "Waiting for somebody who is free soon, about {km} km away and expected in {minutes} minutes: a better "
                "choice than the others.",
            ),
            (
                ALONE,
                "等待一名即将空闲的人员：距离约{km}公里，预计{minutes}分钟到达；目前没有其他人员可派。",
                "Waiting for somebody who is free soon, about {km} km away and expected in {minutes} minutes; nobody "
                "else can come.",
            ),
            (
                WhyOpen.NOBODY_ALLOWED,
                "暂时没有合适的人员可派，稍后会再次安排。",
                "Nobody suitable can be sent at the moment; it will be looked at again shortly.",
            ),
            (
                WhyOpen.TAKEN_BY_OTHERS,
                "附近的人员正被派往其他案件，空出后即安排。",
                "Those who could come are needed elsewhere first; it will be looked at again shortly.",
            ),
            (
                WhyOpen.COSTS_OTHERS_MORE,
                "可派的人员路途较远，派出会让其他人等待更久，稍后会再次安排。",
                "Those who could come are so far away that others would wait longer for it; it will be looked at again "
                "shortly.",
            ),
        )
    }
)


def sentence(explanation: Explanation, language: Language) -> str:
    """The decision in one sentence that names nobody."""
    template = SENTENCES[_key(explanation)][language]
    if not explanation.chosen:
        return template
    first = explanation.chosen[0]
    minutes = max(round(first.parts_s["arrival"] / 60), 1)
    return template.format(count=len(explanation.chosen), km=f"{first.distance_m / 1_000:.1f}", minutes=minutes)


def _key(explanation: Explanation) -> Verdict | WhyOpen | str:
    if explanation.why_open is not None:
        return explanation.why_open
    is_alone = explanation.verdict is Verdict.HELD and not explanation.runners_up
    return ALONE if is_alone else explanation.verdict
