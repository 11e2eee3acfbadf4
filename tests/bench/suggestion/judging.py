"""How often is a way of suggesting right, and does it know when it is not?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

from intake.suggestion.suggesting import Suggestion, suggest
from tests.bench.suggestion.corpus import Labelled
from tests.bench.suggestion.keywords import Find

Answer = tuple[Sequence[str], bool]
"""The first categories, and whether the first is sure."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Shares of all judged texts, 0 to 1; `right_when_sure` is a share of the sure ones.

    Arguments:
        times_us: wall time of each suggestion, in the order of the texts.
    """

    texts: int
    top1: float
    top3: float
    sure: float
    right_when_sure: float
    times_us: Sequence[float]


def judge_model(texts: Sequence[Labelled]) -> Judged:
    """The shipped model."""
    return _judge(texts, lambda text: _answer(suggest(text)))


def judge_keywords(texts: Sequence[Labelled], find: Find) -> Judged:
    """The baseline, which is always sure."""
    return _judge(texts, lambda text: (find(text), True))


def _answer(found: Suggestion) -> Answer:
    return [candidate.category for candidate in found.candidates], found.is_sure


def _judge(texts: Sequence[Labelled], ask: Callable[[str], Answer]) -> Judged:
    answers: list[Answer] = []
    times_us: list[float] = []
    for each in texts:
        began = perf_counter_ns()
        answers.append(ask(each.text))
        times_us.append((perf_counter_ns() - began) / 1000)
    first = [each.category in ranked[:1] for each, (ranked, _) in zip(texts, answers, strict=True)]
    among = [each.category in ranked[:3] for each, (ranked, _) in zip(texts, answers, strict=True)]
    sure = [is_right for is_right, (_, is_sure) in zip(first, answers, strict=True) if is_sure]
    return Judged(
        texts=len(texts),
        top1=_share(first),
        top3=_share(among),
        sure=len(sure) / max(len(texts), 1),
        right_when_sure=_share(sure),
        times_us=times_us,
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / max(len(flags), 1)
