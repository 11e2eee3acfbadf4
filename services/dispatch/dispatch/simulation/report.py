"""What is told about a comparison: which figures per scenario and policy, as a table and as JSON?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dispatch.simulation.metrics import METRIC_NAMES
from dispatch.simulation.policies import PolicyName
from dispatch.simulation.runs import Difference, Run, compare, mean_of, spread_of
from dispatch.simulation.scenarios import Scenario

COLUMNS = (
    ("mean_min", "mean min"),
    ("p50_min", "p50"),
    ("p95_min", "p95"),
    ("within_30", "≤ 30 min"),
    ("within_60", "≤ 60 min"),
    ("unserved", "unserved"),
    ("offers_per_served", "offers/served"),
    ("km_per_served", "km/served"),
    ("gini_accepted", "Gini"),
    ("decision_ms", "decision ms"),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All runs of all policies over one scenario's days and seeds."""

    scenario: Scenario
    runs: dict[PolicyName, list[Run]]

    def against(self, other: PolicyName, measure: str = "mean_min") -> dict[PolicyName, Difference]:
        """Every policy's paired difference to one of them."""
        return {name: compare(runs, self.runs[other], measure) for name, runs in self.runs.items()}


def print_comparison(comparison: Comparison, console: Console, reference: PolicyName = PolicyName.GREEDY) -> None:
    """Print means with their spread over the runs, and the paired difference to the reference."""
    count = len(next(iter(comparison.runs.values())))
    table = Table(title=f"{comparison.scenario.name} volunteers, {count} paired runs (± spread over runs)")
    table.add_column("")
    for name in comparison.runs:
        table.add_column(name.value, justify="right")
    for key, title in COLUMNS:
        cells = [f"{mean_of(runs, key):.2f} ± {spread_of(runs, key):.2f}" for runs in comparison.runs.values()]
        table.add_row(title, *cells)
    gaps = comparison.against(reference) if reference in comparison.runs else {}
    table.add_row(f"mean to {reference.value}", *(as_text(gap) for gap in gaps.values()))
    console.print(table)


def as_text(gap: Difference) -> str:
    """Such as `-12.3 % (-14.0 … -10.6)`."""
    return f"{100 * gap.relative:+.1f} % ({100 * gap.low:+.1f} … {100 * gap.high:+.1f})"


def as_plain(comparison: Comparison) -> dict[str, object]:
    """The comparison for JSON, every run included."""
    gaps = comparison.against(PolicyName.GREEDY) if PolicyName.GREEDY in comparison.runs else {}
    return {
        "scenario": comparison.scenario.name,
        "mean": {
            name.value: {key: round(mean_of(runs, key), 4) for key in METRIC_NAMES}
            for name, runs in comparison.runs.items()
        },
        "spread": {
            name.value: {key: round(spread_of(runs, key), 4) for key in METRIC_NAMES}
            for name, runs in comparison.runs.items()
        },
        "against_greedy": {
            name.value: {"relative": gap.relative, "low": gap.low, "high": gap.high} for name, gap in gaps.items()
        },
        "runs": {name.value: [plain_run(run) for run in runs] for name, runs in comparison.runs.items()},
    }


def plain_run(run: Run) -> dict[str, object]:
    """One run's pick and figures."""
    pick = run.task.pick
    return {"day": pick.day, "seed": pick.seed, "scenario": pick.scenario.name, **run.metrics.as_plain()}


def write_json(comparisons: Sequence[Comparison], path: Path) -> None:
    """Write all comparisons into one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = [as_plain(each) for each in comparisons]
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
