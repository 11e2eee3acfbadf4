"""P7: which share of the raw limit does the whole path reach?

The raw limit: for each report and each of the three services that it passes, one client stores one row (asyncpg, one
INSERT, its own commit), then publishes one record (aiokafka, `acks=all`, idempotent), and waits for each; 50 clients at
once with a connection each. Rows and records are the same as intake's and put together beforehand; table and topic are
like intake's, and nobody reads them. Nobody speaks HTTP, checks anything, or consumes (docs/adr/0009).

The pipeline: as many reports from as many clients over HTTP, each with an Idempotency-Key, until the last of their
alerts is stored in notify: three services, three databases, and four published events for each report until then.

The share is the raw limit's time divided by the pipeline's, each pair measured one right after the other; the figure is
the median pair. For information stand beside it: the share of a limit of a single INSERT and publish for the whole way,
that by a single client, and by one that waits for nothing (executemany, and all records of a round before the first
acknowledgement), as no program can that answers each report by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.city import SERVICES
from tests.bench.cpu_table import cpu_detail, cpu_notes
from tests.bench.figures import middle
from tests.bench.load.own_process import run_apart
from tests.bench.load.raw_limit import RawPlan, RawTimes, run_raw
from tests.bench.load.submissions import Burst, BurstPlan, run_burst
from tests.bench.options import Options
from tests.bench.quiet import wait_until_quiet
from tests.bench.raw_store import raw_store
from tests.bench.report_bodies import report_bodies
from tests.bench.result import BenchResult
from tests.bench.stored_city import StoredCity, stored_city

ID = "P7"
CLIENTS = 50
HOPS = len(SERVICES)
WARM_UP_REPORTS = 500
BAR_SHARE = 0.5
AIM_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Pair:
    """The raw limit and the pipeline, one right after the other."""

    reports: int
    raw: RawTimes
    burst: Burst

    @property
    def share(self) -> float:
        return self.raw.limit_s / self.burst.stored_s

    @property
    def one_hop_share(self) -> float:
        return self.raw.one_hop_s / self.burst.stored_s


def run(options: Options) -> BenchResult:
    """Measure as many pairs as the pace says."""
    with stored_city(options.say) as stored:
        _through_pipeline(stored, WARM_UP_REPORTS)
        pairs = [_measure(stored, options, number) for number in range(1, options.pace.runs + 1)]
    value = middle([pair.share for pair in pairs])
    reports = sum(pair.reports for pair in pairs)
    pipeline, raw = [pair.burst.cpu for pair in pairs], [pair.raw.cpu for pair in pairs]
    return BenchResult(
        id=ID,
        what=f"share of the raw limit of {HOPS} services, {pairs[0].reports:,} reports from {CLIENTS} clients",
        value=value,
        unit="of the raw limit",
        bar=f">= {BAR_SHARE}",
        aim=f">= {AIM_SHARE}",
        met=value >= BAR_SHARE and not any(pair.burst.refused for pair in pairs),
        runs=[_as_row(pair) for pair in pairs],
        baseline=_baseline(pairs),
        details=(
            cpu_detail(pipeline, done=reports, thing="report", of="the pipeline"),
            cpu_detail(raw, done=reports, thing="report", of="the raw limit"),
        ),
        notes=(
            f"of a limit that stores and publishes once for all {HOPS} services the pipeline reaches "
            f"{middle([pair.one_hop_share for pair in pairs]):.2f}",
            *cpu_notes(pipeline),
        ),
    )


def _measure(stored: StoredCity, options: Options, number: int) -> Pair:
    reports = options.pace.reports
    options.say(f"Run {number} of {options.pace.runs}: {reports:,} reports raw, then through the pipeline")
    with raw_store(stored):
        raw = run_apart(run_raw, _raw_plan(stored, reports))
    burst = _through_pipeline(stored, reports)
    options.say(f"  {reports / raw.limit_s:,.0f}/s raw, {reports / burst.stored_s:,.0f}/s through the pipeline")
    return Pair(reports, raw, burst)


def _raw_plan(stored: StoredCity, reports: int) -> RawPlan:
    return RawPlan(
        dsn=stored.dsn("intake"),
        bootstrap_servers=stored.city.stack.bootstrap_servers,
        clients=CLIENTS,
        reports=reports,
        hops=HOPS,
        bodies=report_bodies(),
        pids=stored.pids,
    )


def _through_pipeline(stored: StoredCity, reports: int) -> Burst:
    plan = BurstPlan(
        intake_url=stored.city.url("intake"),
        notify_dsn=stored.dsn("notify"),
        clients=CLIENTS,
        reports=reports,
        bodies=report_bodies(),
        pids=stored.pids,
    )
    burst = run_apart(run_burst, plan)
    asyncio.run(wait_until_quiet(stored))
    return burst


def _baseline(pairs: Sequence[Pair]) -> Mapping[str, object]:
    return {
        "raw limit, reports/s": round(middle([pair.reports / pair.raw.limit_s for pair in pairs])),
        "one hop, reports/s": round(middle([pair.reports / pair.raw.one_hop_s for pair in pairs])),
        "a single client, reports/s": round(middle([pair.reports / pair.raw.alone_s for pair in pairs])),
        "waiting for nothing, reports/s": round(middle([pair.reports / pair.raw.pipelined_s for pair in pairs])),
    }


def _as_row(pair: Pair) -> Mapping[str, object]:
    return {
        "raw s": round(pair.raw.limit_s, 2),
        "pipeline s": round(pair.burst.stored_s, 2),
        "share": round(pair.share, 3),
        "one-hop share": round(pair.one_hop_share, 3),
        "raw/s": round(pair.reports / pair.raw.limit_s),
        "pipeline/s": round(pair.reports / pair.burst.stored_s),
        "all answered after s": round(pair.burst.answered_s, 2),
        "refused": pair.burst.refused,
    }
