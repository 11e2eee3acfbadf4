"""D2: how much shorter is the mean wait than first come, first served by the nearest idle volunteer?"""

from __future__ import annotations

from pathlib import Path

from dispatch.simulation.policies import PolicyName
from dispatch.simulation.report import as_text
from dispatch.simulation.runs import compare, mean_of
from tests.bench.dispatching.measured import plain, played
from tests.bench.result import BenchResult

ID = "D2"
BAR, AIM = -0.50, -0.58


def run(data: Path | None) -> list[BenchResult]:
    """On the middle roster with declines."""
    shared = played(data)
    ours = shared.runs(PolicyName.OURS, shared.middle())
    fifo = shared.runs(PolicyName.FIFO, shared.middle())
    gap = compare(ours, fifo)
    return [
        BenchResult(
            id=ID,
            what=f"mean response against FIFO nearest idle, {shared.middle().name} volunteers, paired",
            value=round(100 * gap.relative, 2),
            unit="%",
            bar=f"<= {100 * BAR:.0f} %",
            met=gap.relative <= BAR,
            runs=plain(PolicyName.OURS, ours) + plain(PolicyName.FIFO, fifo),
            baseline={"fifo_mean_min": round(mean_of(fifo, "mean_min"), 3)},
            aim=f"{100 * AIM:.0f} %",
            notes=[
                f"{as_text(gap)}; every report of the day {as_text(compare(ours, fifo, 'mean_all_min'))}",
                f"Gini {mean_of(ours, 'gini_accepted'):.3f} against {mean_of(fifo, 'gini_accepted'):.3f}",
            ],
        )
    ]
