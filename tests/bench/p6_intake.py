"""P6: how many reports a second does one process of intake take?

64 clients with a kept connection each send one report after the other, each with an Idempotency-Key of its own.
Dispatch and notify run as well and take the reports on, on the same machine: what they use, intake does not have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from tests.bench.cpu_table import cpu_detail, cpu_notes
from tests.bench.figures import middle, spread
from tests.bench.load.own_process import run_apart
from tests.bench.load.submissions import REPORT, SubmissionPlan, run_submissions
from tests.bench.load.window import Counted
from tests.bench.options import Options
from tests.bench.profiles import profile_details, service_entry
from tests.bench.quiet import wait_until_quiet
from tests.bench.report_bodies import report_bodies
from tests.bench.result import BenchResult
from tests.bench.stored_city import StoredCity, stored_city

ID = "P6"
CLIENTS = 64
BAR_PER_S = 900.0
AIM_PER_S = 1_500.0


@dataclass(frozen=True, slots=True)
class IntakeRun:
    """One run, and how long dispatch and notify needed afterwards."""

    counted: Counted
    backlog_s: float


def run(options: Options) -> BenchResult:
    """Measure as often as the pace says; the figure is the median run."""
    with stored_city(options.say, entry=service_entry(options)) as stored:
        runs = [_measure(stored, options) for _ in range(options.pace.runs)]
        profiles = profile_details(stored, options, partial(_measure, stored, options))
    value = middle([run.counted.per_s(REPORT) for run in runs])
    uses = [run.counted.cpu for run in runs]
    reports = sum(run.counted.done.get(REPORT, 0) for run in runs)
    errors = [f"{count} times {what}" for run in runs for what, count in run.counted.errors.items()]
    return BenchResult(
        id=ID,
        what=f"reports taken by one intake process, {CLIENTS} clients",
        value=value,
        unit="reports/s",
        bar=f">= {BAR_PER_S:.0f}",
        aim=f">= {AIM_PER_S:,.0f}",
        met=value >= BAR_PER_S,
        runs=[_as_row(run) for run in runs],
        details=(cpu_detail(uses, done=reports, thing="report"), *profiles),
        notes=(*cpu_notes(uses), *errors),
    )


def _measure(stored: StoredCity, options: Options, meanwhile: Callable[[], None] = lambda: None) -> IntakeRun:
    pace = options.pace
    options.say(f"{CLIENTS} clients for {pace.measure_s:.0f} s")
    plan = SubmissionPlan(
        intake_url=stored.city.url("intake"),
        clients=CLIENTS,
        warm_up_s=pace.warm_up_s,
        measure_s=pace.measure_s,
        bodies=report_bodies(),
        pids=stored.pids,
    )
    counted = run_apart(run_submissions, plan, meanwhile=meanwhile)
    options.say(f"  {counted.per_s(REPORT):.0f} reports/s")
    return IntakeRun(counted, asyncio.run(wait_until_quiet(stored)))


def _as_row(run: IntakeRun) -> Mapping[str, object]:
    times = spread(run.counted.times_ms.get(REPORT, ()))
    return {
        "reports": run.counted.done.get(REPORT, 0),
        "window s": round(run.counted.window_s, 1),
        "per s": round(run.counted.per_s(REPORT), 1),
        "errors": sum(run.counted.errors.values()),
        "p50 ms": round(times.p50_ms, 1),
        "p95 ms": round(times.p95_ms, 1),
        "p99 ms": round(times.p99_ms, 1),
        "backlog gone after s": round(run.backlog_s, 2),
    }
