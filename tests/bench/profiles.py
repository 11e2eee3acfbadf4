"""In which functions does each service spend its time while users live through cases?"""

from __future__ import annotations

import os
import pstats
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.city import SERVICES, Entry, own_entry
from tests.bench.lifecycle_runs import run_users
from tests.bench.options import Options
from tests.bench.result import Detail
from tests.bench.stored_city import StoredCity

FOLDER = Path("build/bench-profiles")
FUNCTIONS = 20
WRITTEN_WITHIN_S = 20.0
POLL_S = 0.1
WAITING = ("run_until_complete", "poll", "select")


def service_entry(options: Options) -> Entry:
    """How services are run: by themselves, or ready to be profiled when that is wanted."""
    if not options.wants_profile:
        return own_entry
    FOLDER.mkdir(parents=True, exist_ok=True)
    return lambda service: ("tests.bench.profiled", service, str(FOLDER.resolve()))


def profile_details(stored: StoredCity, options: Options, *, users: int) -> Sequence[Detail]:
    """Make one more run, which counts for no figure, and show the hottest functions of each service."""
    options.say(f"Profiling: {users} users, {options.pace.measure_s:.0f} s")
    for service in SERVICES:
        (FOLDER / f"{service}.prof").unlink(missing_ok=True)
    run_users(stored, options, users=users, meanwhile=lambda: _profile(stored, options))
    return [_hottest(service) for service in SERVICES]


def _profile(stored: StoredCity, options: Options) -> None:
    time.sleep(options.pace.warm_up_s)
    _signal_all(stored, signal.SIGUSR1)
    time.sleep(options.pace.measure_s)
    _signal_all(stored, signal.SIGUSR2)
    deadline_s = time.monotonic() + WRITTEN_WITHIN_S
    while not all((FOLDER / f"{service}.prof").exists() for service in SERVICES):
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"a service wrote no profile into {FOLDER}")
        time.sleep(POLL_S)


def _signal_all(stored: StoredCity, number: signal.Signals) -> None:
    for service in SERVICES:
        os.kill(stored.pids[service], number)


def _hottest(service: str) -> Detail:
    stats = pstats.Stats(str(FOLDER / f"{service}.prof")).stats  # type: ignore[attr-defined]
    busy = {where: row for where, row in stats.items() if not _is_waiting(where[2])}
    total_s = sum(row[2] for row in busy.values())
    hottest = sorted(busy.items(), key=lambda item: -item[1][2])[:FUNCTIONS]
    rows = [_row(where, row, total_s) for where, row in hottest]
    return Detail(f"The hottest functions of {service}: share of {total_s:.1f} s under the profiler", rows)


def _row(
    where: tuple[str, int, str], row: tuple[int, int, float, float, object], total_s: float
) -> Mapping[str, object]:
    file, line, name = where
    _, calls, own_s, with_callees_s, _ = row
    return {
        "own time": f"{own_s / total_s:.1%}",
        "with callees": f"{with_callees_s / total_s:.1%}",
        "calls": calls,
        "µs a call": round(own_s * 1e6 / calls, 1),
        "function": name if file == "~" else f"{'/'.join(Path(file).parts[-2:])}:{line} {name}",
    }


def _is_waiting(name: str) -> bool:
    return any(word in name for word in WAITING)
