"""D6: how near is the mean wait to the best plan that knows all reports and answers beforehand?"""

from __future__ import annotations

from pathlib import Path

from dispatch.simulation.policies import PolicyName
from dispatch.simulation.runs import mean_of
from tests.bench.dispatching.measured import CLAIRVOYANT_ROUNDS, plain, played
from tests.bench.result import BenchResult

ID = "D6"
BAR, AIM = 1.38, 1.20


def run(data: Path | None) -> list[BenchResult]:
    """The ratio of means, averaged over all scenarios."""
    shared = played(data)
    ratios, notes, runs = [], [], []
    for scenario in shared.scenarios():
        ours, best = shared.runs(PolicyName.OURS, scenario), shared.runs(PolicyName.CLAIRVOYANT, scenario)
        greedy = shared.runs(PolicyName.GREEDY, scenario)
        first, second, third = (mean_of(each, "mean_min") for each in (ours, best, greedy))
        ratios.append(first / second)
        runs += plain(PolicyName.OURS, ours) + plain(PolicyName.CLAIRVOYANT, best)
        notes.append(
            f"{scenario.name}: {first:.2f} against {second:.2f} min, "
            f"{first / second:.3f} × (greedy {third / second:.3f} ×); Gini {mean_of(ours, 'gini_accepted'):.3f}"
        )
    value = sum(ratios) / len(ratios)
    notes.append(
        f"The reference is the best plan found by {CLAIRVOYANT_ROUNDS:,} rounds of search. It also knows times on "
        "site, and serves short visits first where that pays; nobody sets out before a report is made and answered."
    )
    return [
        BenchResult(
            id=ID,
            what="mean response against the clairvoyant reference, mean of the scenarios",
            value=round(value, 3),
            unit="×",
            bar=f"<= {BAR} ×",
            met=value <= BAR,
            runs=runs,
            aim=f"{AIM:.2f} ×",
            notes=notes,
        )
    ]
