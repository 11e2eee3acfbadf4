"""D3: how many offers and how many kilometres does one served report cost, and how evenly is the work spread?"""

from __future__ import annotations

from pathlib import Path

from dispatch.simulation.policies import PolicyName
from dispatch.simulation.runs import mean_of
from tests.bench.dispatching.measured import plain, played
from tests.bench.result import BenchResult

ID = "D3"
GINI_BAR = 0.48
FIGURES = (("offers_per_served", "D3-offers", 2.7, 2.3), ("km_per_served", "D3-km", 2.6, 2.2))


def run(data: Path | None) -> list[BenchResult]:
    """On the middle roster with declines; the Gini of accepted must hold in the same runs."""
    shared = played(data)
    ours = shared.runs(PolicyName.OURS, shared.middle())
    greedy = shared.runs(PolicyName.GREEDY, shared.middle())
    gini = mean_of(ours, "gini_accepted")
    return [
        BenchResult(
            id=name,
            what=f"{measure}, {shared.middle().name} volunteers, with the Gini of accepted in the same runs",
            value=round(mean_of(ours, measure), 3),
            unit=measure,
            bar=f"<= {bar} with Gini <= {GINI_BAR}",
            met=mean_of(ours, measure) <= bar and gini <= GINI_BAR,
            runs=plain(PolicyName.OURS, ours),
            baseline={
                f"greedy_{measure}": round(mean_of(greedy, measure), 3),
                "greedy_gini": round(mean_of(greedy, "gini_accepted"), 3),
            },
            aim=str(aim),
            notes=[f"Gini {gini:.3f}; mean wait {mean_of(ours, 'mean_min'):.2f} min in the same runs"],
        )
        for measure, name, bar, aim in FIGURES
    ]
