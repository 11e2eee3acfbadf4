"""How good are merges, measured against the city's links?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tests.bench.duplicates.city_links import Told


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one report; right means merged with a report of its family."""

    told: Told
    is_merged: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the judged reports, and the shares that follow from them.

    Arguments:
        reports: judged; orphans are not.
        duplicates: those that the city links to an earlier report.
        merged: those that were merged.
        detected: duplicates that were merged.
        right: duplicates that were merged with a report of their family.
    """

    reports: int
    duplicates: int
    merged: int
    detected: int
    right: int

    @property
    def precision(self) -> float:
        """Of the merged ones, the share of duplicates."""
        return self.detected / max(self.merged, 1)

    @property
    def recall(self) -> float:
        """Of the duplicates, the share of merged ones."""
        return self.detected / max(self.duplicates, 1)

    @property
    def f1(self) -> float:
        """Of detecting."""
        return 2 * self.detected / max(self.merged + self.duplicates, 1)

    @property
    def f1_family(self) -> float:
        """The stricter one: only merges with the right family count."""
        return 2 * self.right / max(self.merged + self.duplicates, 1)

    @property
    def false_merges(self) -> float:
        """Of the reports that are no duplicates, the share that was merged."""
        return (self.merged - self.detected) / max(self.reports - self.duplicates, 1)

    @property
    def wrong_merges(self) -> float:
        """The stricter one: merges with another family too, per report that is no duplicate."""
        return (self.merged - self.right) / max(self.reports - self.duplicates, 1)


def linking_categories(fitted: Sequence[Told]) -> frozenset[str]:
    """Those of which the city linked any report in the fitted days; the others it handles without ever linking."""
    return frozenset(each.category for each in fitted if each.is_known_before or each.is_orphan)


def figures_of(verdicts: Sequence[Verdict], categories: Collection[str] | None = None) -> Figures:
    """Count them, in all categories or in some."""
    judged = [
        verdict
        for verdict in verdicts
        if not verdict.told.is_orphan and (categories is None or verdict.told.category in categories)
    ]
    return Figures(
        reports=len(judged),
        duplicates=sum(verdict.told.is_known_before for verdict in judged),
        merged=sum(verdict.is_merged for verdict in judged),
        detected=sum(verdict.is_merged and verdict.told.is_known_before for verdict in judged),
        right=sum(verdict.is_right for verdict in judged),
    )
