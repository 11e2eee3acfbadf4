"""How long does it take from the moment a report is sent until its alert is there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latency:
    """How many reports were timed, and the median and the 95th percentile of their seconds."""

    count: int
    p50_s: float
    p95_s: float


class Stopwatch:
    """Pairs the sending of a report with the arrival of its first alert, whichever of the two is told first.

    An alert may well arrive before the answer that says which case the report belongs to.
    """

    def __init__(self) -> None:
        self._sent_s: dict[str, float] = {}
        self._arrived_s: dict[str, float] = {}
        self._taken_s: list[float] = []

    def sent(self, case_id: str, at_s: float) -> None:
        """Note when the report of a case was sent, on any steady clock."""
        self._sent_s[case_id] = at_s
        self._pair(case_id)

    def arrived(self, case_id: str, at_s: float) -> None:
        """Note when an alert of a case arrived, on the same clock; only the first one counts."""
        if case_id not in self._arrived_s:
            self._arrived_s[case_id] = at_s
            self._pair(case_id)

    def latency(self) -> Latency | None:
        """The figures so far, None before the first pair."""
        if not self._taken_s:
            return None
        ordered = sorted(self._taken_s)
        return Latency(len(ordered), percentile(ordered, 0.5), percentile(ordered, 0.95))

    def _pair(self, case_id: str) -> None:
        if case_id in self._sent_s and case_id in self._arrived_s:
            self._taken_s.append(self._arrived_s[case_id] - self._sent_s[case_id])


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the sorted values does not exceed (nearest rank)."""
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[int(rank) - 1]
