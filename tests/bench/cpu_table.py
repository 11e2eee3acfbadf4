"""Where did the CPU time go, per process and per thing done?"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.load.cpu import GENERATOR, OTHERS, CpuUse
from tests.bench.result import Detail

DISTURBED_SHARE = 0.1


def cpu_detail(uses: Sequence[CpuUse], *, done: float, thing: str, of: str = "all runs") -> Detail:
    """CPU seconds by process, runs added up, with the milliseconds that each of the `done` things cost."""
    window_s = sum(use.window_s for use in uses)
    rows = []
    for name in uses[0].seconds:
        seconds = sum(use.seconds[name] for use in uses)
        rows.append(
            {
                "process": name,
                "CPU s": round(seconds, 2),
                "cores busy": round(seconds / window_s, 2),
                f"ms per {thing}": round(seconds * 1000 / max(done, 1), 3) if name != OTHERS else "",
            }
        )
    title = f"CPU time of {of}, over {window_s:.0f} s on {uses[0].cores} cores"
    return Detail(title, sorted(rows, key=lambda row: -float(str(row["CPU s"]))))


def cpu_notes(uses: Sequence[CpuUse]) -> Sequence[str]:
    """What a reader must know before quoting the figure."""
    window_s = sum(use.window_s for use in uses)
    others = sum(use.seconds[OTHERS] for use in uses) / (window_s * uses[0].cores)
    own = sum(use.seconds[GENERATOR] for use in uses) / (window_s * uses[0].cores)
    notes = [f"the load generator itself took {own:.0%} of the machine"]
    if others > DISTURBED_SHARE:
        notes.append(f"other programs took {others:.0%} of the machine: the figure is lower than on a quiet one")
    return notes
