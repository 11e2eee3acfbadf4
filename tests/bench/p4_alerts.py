"""P4: how long after a report was due does its alert arrive, at 200 reports a second?

An open loop: the schedule is laid down first, and each time counts from the moment the report was due, whether or not
the generator was in time and whatever became of the reports before. The figure is the 99th percentile at an app that
listens to notify's event stream; beside it stands that of a server behind a signed webhook. An alert that never came
counts as the slowest of all.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import secrets
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from deploy.local.ports import CHOICE, is_free
from tests.bench.cpu_table import cpu_detail, cpu_notes
from tests.bench.figures import MISSING_MS, Spread, middle, spread
from tests.bench.load.listeners import LOOPBACK
from tests.bench.load.open_loop import AlertPlan, AlertTimes, measure_alerts
from tests.bench.load.own_process import run_apart
from tests.bench.options import Options
from tests.bench.quiet import wait_until_quiet
from tests.bench.report_bodies import report_bodies
from tests.bench.result import BenchResult, Detail
from tests.bench.schedule import Schedule
from tests.bench.stored_city import StoredCity, stored_city

ID = "P4"
RATE_PER_S = 200.0
DURATION_SHARE = 1.5  # of the pace's time: 30 s when it is 20 s
BAR_MS = 300.0
AIM_MS = 150.0
LATE_MS = 20.0


def run(options: Options) -> BenchResult:
    """Measure as often as the pace says; the figure is the median run's."""
    with stored_city(options.say) as stored:
        runs = [_measure(stored, options, number) for number in range(1, options.pace.runs + 1)]
    value = middle([_on_stream(run).p99_ms for run in runs])
    sent = sum(run.sent for run in runs)
    uses = [run.cpu for run in runs]
    return BenchResult(
        id=ID,
        what=f"report to alert at {RATE_PER_S:.0f} reports/s, open loop, p99, {stored.cases:,} cases stored before",
        value=value,
        unit="ms",
        bar=f"< {BAR_MS:.0f}",
        aim=f"< {AIM_MS:.0f}",
        met=value < BAR_MS and all(run.refused == run.forged == 0 for run in runs),
        runs=[_as_row(run) for run in runs],
        details=(_detail(runs), cpu_detail(uses, done=sent, thing="report")),
        notes=(*cpu_notes(uses), *_lateness(runs)),
    )


def _measure(stored: StoredCity, options: Options, number: int) -> AlertTimes:
    pace = options.pace
    schedule = Schedule(RATE_PER_S, pace.measure_s * DURATION_SHARE)
    options.say(f"Run {number} of {pace.runs}: {RATE_PER_S:.0f} reports/s for {schedule.duration_s:.0f} s")
    port = next(port for port in CHOICE if is_free(port))
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    plan = AlertPlan(
        intake_url=stored.city.url("intake"),
        notify_url=stored.city.url("notify"),
        hook_port=port,
        secret=secret,
        warm_up_s=pace.warm_up_s,
        schedule=schedule,
        bodies=report_bodies(),
        pids=stored.pids,
    )
    with _subscribed(stored.city.url("notify"), f"http://{LOOPBACK}:{port}/hook", secret):
        times = run_apart(measure_alerts, plan)
        asyncio.run(wait_until_quiet(stored))
    options.say(f"  p99 {_on_stream(times).p99_ms:.0f} ms on the stream")
    return times


@contextmanager
def _subscribed(notify_url: str, target: str, secret: str) -> Iterator[None]:
    """Tell a webhook of all assignments, and forget every webhook of the bench at the end."""
    wish = {"recipient": "*", "kinds": ["case_assigned"], "channel": "webhook", "target": target, "secret": secret}
    _forget_webhooks(notify_url)
    _call("POST", f"{notify_url}/v1/subscriptions", wish)
    try:
        yield
    finally:
        _forget_webhooks(notify_url)


def _forget_webhooks(notify_url: str) -> None:
    cursor = ""
    while cursor is not None:
        page = json.loads(_call("GET", f"{notify_url}/v1/subscriptions?limit=200{cursor and f'&cursor={cursor}'}"))
        cursor = page["next_cursor"]
        for subscription in page["subscriptions"]:
            if subscription["channel"] == "webhook":
                _call("DELETE", f"{notify_url}/v1/subscriptions/{subscription['id']}")


def _call(method: str, url: str, body: Mapping[str, object] | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())


def _on_stream(run: AlertTimes) -> Spread:
    return _with_missing(run.stream_ms, run)


def _with_missing(times_ms: Sequence[float], run: AlertTimes) -> Spread:
    return spread([*times_ms, *[MISSING_MS] * (run.sent - len(times_ms))])


def _as_row(run: AlertTimes) -> Mapping[str, object]:
    at_webhook = _with_missing(run.webhook_ms, run)
    return {
        "sent": run.sent,
        "refused": run.refused,
        "stream p50 ms": _finite(_on_stream(run).p50_ms),
        "stream p99 ms": _finite(_on_stream(run).p99_ms),
        "webhook p50 ms": _finite(at_webhook.p50_ms),
        "webhook p99 ms": _finite(at_webhook.p99_ms),
        "never on stream": run.sent - len(run.stream_ms),
        "never at webhook": run.sent - len(run.webhook_ms),
        "bad signatures": run.forged,
    }


def _detail(runs: Sequence[AlertTimes]) -> Detail:
    stages = {
        "answered 202": [time for run in runs for time in run.answered_ms],
        "alert on the stream": [time for run in runs for time in run.stream_ms],
        "alert at the webhook": [time for run in runs for time in run.webhook_ms],
        "generator late": [time for run in runs for time in run.late_ms],
    }
    rows = [{"from due to": stage, **spread(times).as_plain()} for stage, times in stages.items()]
    return Detail("Each stage, all runs together", rows)


def _lateness(runs: Sequence[AlertTimes]) -> Sequence[str]:
    late_ms = max(spread(run.late_ms).p99_ms for run in runs)
    return (
        [f"the generator sent up to {late_ms:.0f} ms late (p99), which is in the figure"] if late_ms > LATE_MS else []
    )


def _finite(time_ms: float) -> float | None:
    return round(time_ms, 1) if math.isfinite(time_ms) else None
