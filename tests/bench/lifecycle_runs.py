"""How is a number of users sent through lifecycles, over and over, on the stored city?"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.figures import spread
from tests.bench.load.lifecycles import CALLS, LIFECYCLE, LifecyclePlan, run_lifecycles
from tests.bench.load.own_process import run_apart
from tests.bench.load.window import Counted
from tests.bench.options import Options, Pace
from tests.bench.quiet import wait_until_quiet
from tests.bench.report_bodies import SEED, places, report_bodies
from tests.bench.result import Detail
from tests.bench.stored_city import StoredCity

SEARCH_LIMIT = 20
SEARCHES_PER_KIND = 40
CATEGORIES = ("mobile_vendor", "sidewalk_parking", "exposed_rubbish", "road_damage", "rubbish_overflow")


@dataclass(frozen=True, slots=True)
class LifecycleRun:
    """One run: what was counted, and how long the backlog took to go afterwards."""

    counted: Counted
    backlog_s: float

    @property
    def per_s(self) -> float:
        return self.counted.per_s(LIFECYCLE)

    @property
    def call_times_ms(self) -> Sequence[float]:
        """The times of all calls but the looks, which are many and cheap and would flatter the percentiles."""
        return [time for call in CALLS for time in self.counted.times_ms.get(call, ())]

    def as_plain(self) -> Mapping[str, object]:
        """The run as a row of the result."""
        calls = spread(self.call_times_ms)
        return {
            "lifecycles": self.counted.done.get(LIFECYCLE, 0),
            "window s": round(self.counted.window_s, 1),
            "per s": round(self.per_s, 1),
            "errors": sum(self.counted.errors.values()),
            "call p50 ms": round(calls.p50_ms, 1),
            "call p95 ms": round(calls.p95_ms, 1),
            "call p99 ms": round(calls.p99_ms, 1),
            "backlog gone after s": round(self.backlog_s, 2),
        }


def run_users(
    stored: StoredCity, options: Options, users: int, meanwhile: Callable[[], None] = lambda: None
) -> LifecycleRun:
    """Make one run; `meanwhile` is called when the users start."""
    plan = lifecycle_plan(stored, options.pace, users=users)
    counted = run_apart(run_lifecycles, plan, meanwhile=meanwhile)
    return LifecycleRun(counted, asyncio.run(wait_until_quiet(stored)))


def run_rounds(stored: StoredCity, options: Options, *, users: int) -> Sequence[LifecycleRun]:
    """Make the runs that the pace asks for, one after the other."""
    runs = []
    for number in range(1, options.pace.runs + 1):
        options.say(f"Run {number} of {options.pace.runs}: {users} users, {options.pace.measure_s:.0f} s")
        runs.append(run_users(stored, options, users))
        options.say(f"  {runs[-1].per_s:.1f} lifecycles/s")
    return runs


def call_detail(runs: Sequence[LifecycleRun]) -> Detail:
    """The times of each kind of call, all runs together."""
    kinds = dict.fromkeys(call for run in runs for call in run.counted.times_ms)
    rows = [
        {"call": call, **spread([time for run in runs for time in run.counted.times_ms.get(call, ())]).as_plain()}
        for call in kinds
    ]
    return Detail("Each kind of call, all runs together", rows)


def error_notes(runs: Sequence[LifecycleRun]) -> Sequence[str]:
    """What went wrong, if anything did."""
    return [f"{count} times {what}" for run in runs for what, count in run.counted.errors.items()]


def lifecycle_plan(stored: StoredCity, pace: Pace, *, users: int) -> LifecyclePlan:
    return LifecyclePlan(
        intake_url=stored.city.url("intake"),
        dispatch_url=stored.city.url("dispatch"),
        users=users,
        warm_up_s=pace.warm_up_s,
        measure_s=pace.measure_s,
        bodies=report_bodies(),
        searches=search_paths(),
        pids=stored.pids,
    )


def search_paths() -> Sequence[str]:
    """What users look for: their street, what is open in it, a category, the work that waits for a check."""
    draw = random.Random(SEED)
    zones = [place.zone for place in places()]
    queries = []
    for _ in range(SEARCHES_PER_KIND):
        zone, category = draw.choice(zones), draw.choice(CATEGORIES)
        queries += [f"zone={zone}", f"zone={zone}&state=closed", f"category={category}", "state=checking"]
    return [f"/v1/cases?{query}&limit={SEARCH_LIMIT}" for query in queries]
