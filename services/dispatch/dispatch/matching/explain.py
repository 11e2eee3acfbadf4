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


class Language(StrEnum):
    """Languages of the sentence."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Option:
    """One worker for the case, with the parts of the cost in seconds."""

    worker_id: int | str
    distance_m: float
    acceptance: float
    parts_s: MappingProxyType[str, float]

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
        ruled_out: how many workers each rule excluded; a worker counts once, with the first rule.
        ruled_out_nearest: the nearest of them with the rule.
        version: of the parameters.
    """

    case_id: int | str
    verdict: Verdict
    chosen: tuple[Option, ...]
    runners_up: tuple[Option, ...]
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
        ruled_out=MappingProxyType(counts),
        ruled_out_nearest=nearest,
        version=plan.parameters.version,
        decided_at_s=plan.problem.now_s,
    )


def _of_case(plan: Plan, at: Ints, row: int) -> Ints:
    mine: Ints = at[plan.pairs.case[at] == row]
    return mine


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


SENTENCES = MappingProxyType(
    {
        (Verdict.ASKED, Language.ZH): "已邀请{count}名人员，最快者距离约{km}公里，预计{minutes}分钟到达。",
        (
            Verdict.ASKED,
            Language.EN,
        ): "{count} asked; the first is about {km} km away and expected in {minutes} minutes.",
        (
            Verdict.HELD,
            Language.ZH,
        ): "等待一名即将空闲的人员：距离约{km}公里，预计{minutes}分钟到达，比现在派其他人员更合适。",
        (Verdict.HELD, Language.EN): (
            "Waiting for somebody who is free soon, about {km} km away and expected in {minutes} minutes: "
            "better than anybody free now."
        ),
        (Verdict.LEFT_OPEN, Language.ZH): "暂时没有合适的人员可派，稍后会再次安排。",
        (
            Verdict.LEFT_OPEN,
            Language.EN,
        ): "Nobody suitable can be sent at the moment; it will be looked at again shortly.",
    }
)


def sentence(explanation: Explanation, language: Language) -> str:
    """The decision in one sentence that names nobody."""
    template = SENTENCES[explanation.verdict, language]
    if not explanation.chosen:
        return template
    first = explanation.chosen[0]
    minutes = max(round(first.parts_s["arrival"] / 60), 1)
    return template.format(count=len(explanation.chosen), km=f"{first.distance_m / 1_000:.1f}", minutes=minutes)
