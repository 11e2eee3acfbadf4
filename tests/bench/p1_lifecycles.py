"""P1: how many lifecycles a second do 50 users get through, over 100,000 stored cases?

A lifecycle is: report (intake), assigned by rule (looked at until it is), accept, resolve, close, search for 20 cases.
The users do not pause between calls. Everything runs on the machine that is measured: Kafka, PostgreSQL, three
services, and the users themselves.
"""

from __future__ import annotations

from functools import partial

from tests.bench import peers
from tests.bench.cpu_table import cpu_detail, cpu_notes
from tests.bench.figures import middle
from tests.bench.lifecycle_runs import call_detail, error_notes, run_rounds, run_users
from tests.bench.load.lifecycles import LIFECYCLE
from tests.bench.options import Options
from tests.bench.profiles import profile_details, service_entry
from tests.bench.result import BenchResult
from tests.bench.stored_city import stored_city

ID = "P1"
USERS = 50
BAR_PER_S = 120.0
AIM_PER_S = 200.0


def run(options: Options) -> BenchResult:
    """Measure as often as the pace says; the figure is the median run."""
    with stored_city(options.say, entry=service_entry(options)) as stored:
        runs = run_rounds(stored, options, users=USERS)
        profiles = profile_details(stored, options, partial(run_users, stored, options, USERS))
    value = middle([run.per_s for run in runs])
    uses = [run.counted.cpu for run in runs]
    lifecycles = sum(run.counted.done.get(LIFECYCLE, 0) for run in runs)
    return BenchResult(
        id=ID,
        what=f"lifecycles at {USERS} users, {stored.cases:,} cases stored before",
        value=value,
        unit="lifecycles/s",
        bar=f">= {BAR_PER_S:.0f}",
        aim=f">= {AIM_PER_S:.0f}",
        met=value >= BAR_PER_S,
        runs=[run.as_plain() for run in runs],
        peers=peers.LIFECYCLES,
        details=(call_detail(runs), cpu_detail(uses, done=lifecycles, thing="lifecycle"), *profiles),
        notes=(*cpu_notes(uses), *error_notes(runs)),
    )
