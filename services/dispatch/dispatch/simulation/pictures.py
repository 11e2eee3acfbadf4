"""What does a comparison look like: how long people waited, where nobody came, and who carried the load?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dispatch.simulation.policies import TITLES, PolicyName
from dispatch.simulation.report import Comparison
from dispatch.simulation.runs import Run

COLOURS = {
    PolicyName.FIFO: "#9e9e9e",
    PolicyName.GREEDY: "#d1862c",
    PolicyName.BATCH: "#7a6fb0",
    PolicyName.OURS: "#1f6f5c",
    PolicyName.CLAIRVOYANT: "#b8b8b8",
}
LONGEST_MIN = 240


def draw(comparison: Comparison, path: Path) -> None:
    """Write the three pictures of one scenario into one PNG."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(14, 4.2), layout="constrained")
        waits, places, load = figure.subplots(1, 3)
        _waits(waits, comparison)
        _unserved(places, comparison)
        _load(load, comparison)
        figure.suptitle(f"{comparison.scenario.name} volunteers")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=130)


def _waits(axes: Axes, comparison: Comparison) -> None:
    for name, runs in comparison.runs.items():
        minutes = np.sort(np.concatenate([run.response_min for run in runs]))
        share = 100 * np.arange(1, len(minutes) + 1) / max(len(minutes), 1)
        axes.plot(np.maximum(minutes, 1), share, color=COLOURS[name], label=TITLES[name])
    axes.set(xscale="log", xlim=(1, LONGEST_MIN), ylim=(0, 100), xlabel="minutes until somebody came (log)")
    axes.set_ylabel("% of reports")
    axes.legend(frameon=False, fontsize=8)


def _unserved(axes: Axes, comparison: Comparison) -> None:
    for name, runs in comparison.runs.items():
        lon = np.concatenate([run.unserved_lon for run in runs])
        lat = np.concatenate([run.unserved_lat for run in runs])
        axes.scatter(lon, lat, s=9, alpha=0.5, color=COLOURS[name], label=f"{TITLES[name]}: {len(lon)}")
    axes.set(xlabel="longitude", ylabel="latitude", title="nobody came within four hours")
    axes.legend(frameon=False, fontsize=8)


def _load(axes: Axes, comparison: Comparison) -> None:
    for name, runs in comparison.runs.items():
        axes.plot(_ranked(runs), color=COLOURS[name], label=TITLES[name])
    axes.set(xlabel="volunteers, busiest first", ylabel="cases accepted per day", title="load per volunteer")
    axes.legend(frameon=False, fontsize=8)


def _ranked(runs: Sequence[Run]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    ranked = np.array([np.sort(run.accepted)[::-1] for run in runs], dtype=np.float64)
    mean: np.ndarray[tuple[int], np.dtype[np.float64]] = ranked.mean(axis=0)
    return mean
