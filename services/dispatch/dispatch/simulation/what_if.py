"""What would change if the matching ran with other settings?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from dispatch.matching.parameters import Parameters
from dispatch.simulation.policies import PolicyName
from dispatch.simulation.report import COLUMNS, as_text
from dispatch.simulation.runs import Player, Run, Task, Tick, compare, mean_of
from dispatch.simulation.scenarios import Pick


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The same runs under the settings of today and under those proposed."""

    today: list[Run]
    proposed: list[Run]


def play_both(player: Player, picks: Sequence[Pick], today: Parameters, proposed: Parameters, tick: Tick) -> WhatIf:
    """Play every pick under both."""
    tasks = [Task(pick, PolicyName.OURS, each) for each in (today, proposed) for pick in picks]
    runs = player.play(tasks, tick)
    return WhatIf(runs[: len(picks)], runs[len(picks) :])


def print_what_if(what_if: WhatIf, console: Console) -> None:
    """Print one table: each metric under both, and the paired difference with its 95 % interval."""
    table = Table(title=f"what if: {len(what_if.today)} paired runs")
    for title in ("metric", "today", "proposed", "difference (95 % interval)"):
        table.add_column(title, justify="left" if title == "metric" else "right")
    for key, title in COLUMNS[:-1]:
        before, after = mean_of(what_if.today, key), mean_of(what_if.proposed, key)
        table.add_row(title, f"{before:.3f}", f"{after:.3f}", as_text(compare(what_if.proposed, what_if.today, key)))
    console.print(table)
