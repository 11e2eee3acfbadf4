"""How long may a benchmark take, and what is wanted of it beside its figure?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long is measured.

    Arguments:
        runs: the reported figure is the median of so many runs.
        warm_up_s: load before each run that is not counted.
        measure_s: the counted time of a run.
        reports: how many reports a benchmark over a fixed number sends in a run.
    """

    name: str
    runs: int
    warm_up_s: float
    measure_s: float
    reports: int


FULL = Pace("full", runs=3, warm_up_s=5.0, measure_s=20.0, reports=5_000)
QUICK = Pace("quick", runs=1, warm_up_s=2.0, measure_s=6.0, reports=1_500)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for.

    Arguments:
        data: a folder of input data, for the benchmarks that read some.
        say: told in a few words what happens now.
    """

    pace: Pace
    data: Path | None
    wants_profile: bool
    say: Say
