"""P7: which share of the raw limit does the whole path reach?

The raw limit: for each report, one client stores one row (asyncpg, one INSERT, its own commit) and then publishes one record
(aiokafka, `acks=all`, idempotent) and waits for each; 50 clients at once with a connection each, rows and records the same
as intake's and put together beforehand, into a table and a topic that nobody reads. Nobody speaks HTTP, checks, or listens.

The pipeline: as many reports from as many clients over HTTP, each with an Idempotency-Key, until the last of their alerts is
stored in notify: three services, three databases, eight rows and five published events a report.

The share is the raw limit's time divided by the pipeline's, each pair measured one right after the other; the figure is the
median pair. The raw limit with its statements and records pipelined stands beside it for information: no program that
answers each report by itself can do that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from lamplight_events.topics import REPORTS
from tests.bench.cpu_table import cpu_detail, cpu_notes
from tests.bench.figures import middle
from tests.bench.load.own_process import run_apart
from tests.bench.load.raw_limit import TABLE, TOPIC, RawPlan, RawTimes, run_raw
from tests.bench.load.submissions import Burst, BurstPlan, run_burst
from tests.bench.options import Options
from tests.bench.quiet import wait_until_quiet
from tests.bench.report_bodies import report_bodies
from tests.bench.result import BenchResult
from tests.bench.stored_city import StoredCity, stored_city

ID = "P7"
CLIENTS = 50
BAR_SHARE = 0.5
AIM_SHARE = 0.6
STORED_WITHIN_S = 120.0
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Pair:
    """The raw limit and the pipeline, one right after the other."""

    reports: int
    raw: RawTimes
    burst: Burst
    pipeline_s: float

    @property
    def share(self) -> float:
        return self.raw.one_by_one_s / self.pipeline_s


def run(options: Options) -> BenchResult:
    """Measure as many pairs as the pace says."""
    with stored_city(options.say) as stored:
        pairs = [_measure(stored, options, number) for number in range(1, options.pace.runs + 1)]
    value = middle([pair.share for pair in pairs])
    reports = sum(pair.reports for pair in pairs)
    pipeline, raw = [pair.burst.cpu for pair in pairs], [pair.raw.cpu for pair in pairs]
    return BenchResult(
        id=ID,
        what=f"share of the raw limit, {pairs[0].reports:,} reports from {CLIENTS} clients",
        value=value,
        unit="of the raw limit",
        bar=f">= {BAR_SHARE}",
        aim=f">= {AIM_SHARE}",
        met=value >= BAR_SHARE and not any(pair.burst.refused for pair in pairs),
        runs=[_as_row(pair) for pair in pairs],
        baseline={
            "raw limit, reports/s": round(middle([pair.reports / pair.raw.one_by_one_s for pair in pairs])),
            "raw and pipelined, reports/s (for information)": round(
                middle([pair.reports / pair.raw.pipelined_s for pair in pairs])
            ),
        },
        details=(cpu_detail(pipeline, done=reports, thing="report"), cpu_detail(raw, done=reports, thing="raw report")),
        notes=cpu_notes(pipeline),
    )


def _measure(stored: StoredCity, options: Options, number: int) -> Pair:
    reports = options.pace.reports
    options.say(f"Run {number} of {options.pace.runs}: {reports:,} reports raw, then through the pipeline")
    asyncio.run(_prepare_raw(stored))
    raw_plan = RawPlan(
        dsn=stored.dsn("intake"),
        bootstrap_servers=stored.city.stack.bootstrap_servers,
        clients=CLIENTS,
        reports=reports,
        bodies=report_bodies(),
        pids=stored.pids,
    )
    raw = run_apart(run_raw, raw_plan)
    asyncio.run(_drop_raw(stored))
    burst, stored_s = _run_pipeline(stored, reports)
    pair = Pair(reports, raw, burst, stored_s - burst.began_s)
    options.say(f"  {reports / raw.one_by_one_s:,.0f}/s raw, {reports / pair.pipeline_s:,.0f}/s through the pipeline")
    asyncio.run(wait_until_quiet(stored))
    return pair


def _run_pipeline(stored: StoredCity, reports: int) -> tuple[Burst, float]:
    """Send the burst from its own process, and meanwhile watch notify's table for the last alert."""
    plan = BurstPlan(stored.city.url("intake"), CLIENTS, reports, report_bodies(), stored.pids)
    before = asyncio.run(_last_alert(stored))
    stored_at_s: list[float] = []
    burst = run_apart(
        run_burst,
        plan,
        meanwhile=lambda: stored_at_s.append(asyncio.run(_when_stored(stored, after=before, alerts=reports))),
    )
    return burst, stored_at_s[0]


async def _when_stored(stored: StoredCity, *, after: int, alerts: int) -> float:
    """The moment on the monotonic clock at which so many new alerts are stored.

    Raises:
        TimeoutError: some are still missing after two minutes.
    """
    connection = await asyncpg.connect(stored.dsn("notify"))
    try:
        async with asyncio.timeout(STORED_WITHIN_S):
            question = "SELECT count(*) FROM alerts WHERE position > $1"
            while await connection.fetchval(question, after) < alerts:
                await asyncio.sleep(POLL_S)
        return time.monotonic()
    finally:
        await connection.close()


async def _last_alert(stored: StoredCity) -> int:
    connection = await asyncpg.connect(stored.dsn("notify"))
    try:
        return int(await connection.fetchval("SELECT coalesce(max(position), 0) FROM alerts"))
    finally:
        await connection.close()


async def _prepare_raw(stored: StoredCity) -> None:
    connection = await asyncpg.connect(stored.dsn("intake"))
    try:
        await connection.execute(f"DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} (LIKE reports INCLUDING ALL)")
    finally:
        await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=stored.city.stack.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, REPORTS.partitions, 1)])
    finally:
        await admin.close()


async def _drop_raw(stored: StoredCity) -> None:
    connection = await asyncpg.connect(stored.dsn("intake"))
    try:
        await connection.execute(f"DROP TABLE {TABLE}")
    finally:
        await connection.close()


def _as_row(pair: Pair) -> Mapping[str, object]:
    return {
        "raw s": round(pair.raw.one_by_one_s, 2),
        "pipeline s": round(pair.pipeline_s, 2),
        "share": round(pair.share, 3),
        "raw/s": round(pair.reports / pair.raw.one_by_one_s),
        "pipeline/s": round(pair.reports / pair.pipeline_s),
        "all answered after s": round(pair.burst.answered_s - pair.burst.began_s, 2),
        "refused": pair.burst.refused,
    }
