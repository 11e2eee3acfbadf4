"""P3: how long does a call take when 10 users live through cases without a pause, over 100,000 stored cases?

The figure is the 95th percentile of all calls together (create, accept, resolve, close, search), as the client sees
them.
"""

from __future__ import annotations

from tests.bench import peers
from tests.bench.cpu_table import cpu_detail, cpu_notes
from tests.bench.figures import middle, spread
from tests.bench.lifecycle_runs import call_detail, error_notes, run_rounds
from tests.bench.load.lifecycles import LIFECYCLE
from tests.bench.options import Options
from tests.bench.result import BenchResult
from tests.bench.stored_city import stored_city

ID = "P3"
USERS = 10
BAR_MS = 150.0
AIM_MS = 60.0


def run(options: Options) -> BenchResult:
    """Measure as often as the pace says; the figure is the median run's."""
    with stored_city(options.say) as stored:
        runs = run_rounds(stored, options, users=USERS)
    value = middle([spread(run.call_times_ms).p95_ms for run in runs])
    uses = [run.counted.cpu for run in runs]
    lifecycles = sum(run.counted.done.get(LIFECYCLE, 0) for run in runs)
    return BenchResult(
        id=ID,
        what=f"p95 of a call at {USERS} users, {stored.cases:,} cases stored before",
        value=value,
        unit="ms",
        bar=f"< {BAR_MS:.0f}",
        aim=f"< {AIM_MS:.0f}",
        met=lifecycles > 0 and value < BAR_MS,
        runs=[run.as_plain() for run in runs],
        peers=peers.CALLS,
        details=(call_detail(runs), cpu_detail(uses, done=lifecycles, thing="lifecycle")),
        notes=(*cpu_notes(uses), *error_notes(runs)),
    )
