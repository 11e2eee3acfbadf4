"""Whom to ask next after a no or no answer, how many at once, and when does the community worker take over?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dispatch.matching.columns import Flags, Floats, Ints
from dispatch.matching.constraints import Pairs
from dispatch.matching.costs import Costs
from dispatch.matching.parameters import Parameters
from dispatch.matching.problem import Problem

URGENT = 2.0
"""From this urgency on a case asks several at once."""


class Step(StrEnum):
    """What happens next with a case that is to be offered."""

    ASK = "ask"
    WAIT = "wait"
    GIVE_UP = "give_up"


class Why(StrEnum):
    """Why a step was taken."""

    FIRST_WAVE = "first_wave"
    NEXT_WAVE = "next_wave"
    ANSWERS_OUTSTANDING = "answers_outstanding"
    WAVES_USED_UP = "waves_used_up"
    TIME_USED_UP = "time_used_up"
    NOBODY_FREE = "nobody_free"


@dataclass(frozen=True, slots=True)
class Limits:
    """When waves end.

    Arguments:
        waves: so many are sent at most.
        give_up_after_s: from the first wave on; then the community worker takes over.
        answer_within_s: an offer expires after this time and counts as a no.
    """

    waves: int = 8
    give_up_after_s: float = 3_600.0
    answer_within_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the offers of one case have come.

    Arguments:
        waves: sent so far. outstanding: offers without an answer that have not expired.
        since_first_s: seconds since the first wave.
        urgency: as in the case table.
    """

    waves: int
    outstanding: int
    since_first_s: float
    urgency: float


@dataclass(frozen=True, slots=True)
class Wave:
    """The next step with its reason, and the workers to ask when it is `ASK`, best first."""

    step: Step
    why: Why
    ask: tuple[int | str, ...] = ()


def next_wave(progress: Progress, ranked: Sequence[int | str], *, limits: Limits, parameters: Parameters) -> Wave:
    """Decide the next step of a case.

    Arguments:
        ranked: workers who may be asked now, best first; earlier decliners are not among them.
    """
    if progress.outstanding:
        return Wave(Step.WAIT, Why.ANSWERS_OUTSTANDING)
    if progress.waves >= limits.waves:
        return Wave(Step.GIVE_UP, Why.WAVES_USED_UP)
    if progress.since_first_s >= limits.give_up_after_s:
        return Wave(Step.GIVE_UP, Why.TIME_USED_UP)
    if not ranked:
        return Wave(Step.WAIT, Why.NOBODY_FREE)
    why = Why.NEXT_WAVE if progress.waves else Why.FIRST_WAVE
    return Wave(Step.ASK, why, tuple(ranked[: at_once(progress.urgency, parameters)]))


def at_once(urgency: float, parameters: Parameters) -> int:
    """How many are asked together for a case of this urgency."""
    return parameters.urgent_at_once if urgency >= URGENT else parameters.ask_at_once


def asked_together(
    problem: Problem, pairs: Pairs, costs: Costs, parameters: Parameters, *, asked: Ints, taken: Ints, eligible: Flags
) -> Ints:
    """Indexes of further pairs to ask beside the assigned ones, cheapest first; each worker is asked once.

    Arguments:
        asked: indexes of the pairs that are asked anyway. taken: worker rows that are spoken for.
        eligible: per pair, whether the worker may be asked now and would be worth it.
    """
    wanted = _wanted(problem, pairs, costs, parameters, asked) - 1
    missing = np.zeros(len(problem.cases), dtype=np.int64)
    missing[pairs.case[asked]] = wanted
    used = np.zeros(len(problem.workers), dtype=np.bool_)
    used[taken] = True
    others = np.flatnonzero(eligible & (missing[pairs.case] > 0) & ~used[pairs.worker])
    more = []
    for index in others[np.argsort(costs.total_s[others], kind="stable")].tolist():
        case, worker = pairs.case[index], pairs.worker[index]
        if missing[case] and not used[worker]:
            missing[case] -= 1
            used[worker] = True
            more.append(index)
    return np.array(more, dtype=np.int64)


def is_last_chance(problem: Problem, pairs: Pairs, parameters: Parameters) -> Flags:
    """Per case: do the last shifts that could serve it end so soon that nothing may be put off?"""
    return np.asarray(_time_left_s(problem, pairs) < parameters.closing_s)


def _wanted(problem: Problem, pairs: Pairs, costs: Costs, parameters: Parameters, asked: Ints) -> Ints:
    """How many are to be asked per assigned pair: so many that somebody says yes with the wanted probability."""
    case = pairs.case[asked]
    urgent = problem.cases.urgency[case] >= URGENT
    least = np.where(urgent, parameters.urgent_at_once, parameters.ask_at_once)
    rounds = np.maximum(_time_left_s(problem, pairs)[case] / max(parameters.answer_s, 1.0), 1.0)
    yes = np.maximum(parameters.together_yes, 1.0 - (1.0 - parameters.closing_yes) ** (1.0 / rounds))
    needed = np.ceil(np.log1p(-yes) / np.log1p(-costs.acceptance[asked]) - 1e-9).astype(np.int64)
    return np.maximum(least, np.minimum(needed, parameters.together_most))


def _time_left_s(problem: Problem, pairs: Pairs) -> Floats:
    """Per case: how long the last of its candidates could still wait before setting out."""
    ends_s = np.minimum(problem.workers.on_duty_until_s[pairs.worker], problem.cases.expires_at_s[pairs.case])
    longest_s = np.zeros(len(problem.cases))
    np.maximum.at(longest_s, pairs.case, ends_s - problem.now_s - pairs.arrival_s)
    return longest_s
