"""In which packages and functions does each service spend its CPU time under a load?"""

from __future__ import annotations

import os
import pstats
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.city import SERVICES, Entry, own_entry
from tests.bench.options import Options
from tests.bench.result import Detail
from tests.bench.stored_city import ROOT, StoredCity

FOLDER = Path("build/bench-profiles")
FUNCTIONS = 20
WRITTEN_WITHIN_S = 20.0
POLL_S = 0.1
PACKAGES = 12
BUILT_IN = "~"
OWN_PACKAGES = (*SERVICES, "lamplight_chassis", "lamplight_events")

Where = tuple[str, int, str]
Row = tuple[int, int, float, float, Mapping[Where, tuple[int, int, float, float]]]
Stats = Mapping[Where, Row]


def service_entry(options: Options) -> Entry:
    """How services are run: by themselves, or ready to be profiled when that is wanted."""
    if not options.wants_profile:
        return own_entry
    FOLDER.mkdir(parents=True, exist_ok=True)
    return lambda service: ("tests.bench.profiled", service, str(FOLDER.resolve()))


def profile_details(
    stored: StoredCity, options: Options, load: Callable[[Callable[[], None]], object]
) -> Sequence[Detail]:
    """Make one more run, which counts for no figure, and show the hottest functions of each service.

    Arguments:
        load: makes the run, and calls what it is given when that begins.
    """
    if not options.wants_profile:
        return ()
    options.say(f"Profiling for {options.pace.measure_s:.0f} s")
    for service in SERVICES:
        (FOLDER / f"{service}.prof").unlink(missing_ok=True)
    load(lambda: _profile(stored, options))
    return [detail for service in SERVICES for detail in _hottest(service)]


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


def _hottest(service: str) -> Sequence[Detail]:
    stats: Stats = pstats.Stats(str(FOLDER / f"{service}.prof")).stats  # type: ignore[attr-defined]
    total_s = sum(own_s for _, _, own_s, _, _ in stats.values())
    hottest = sorted(stats.items(), key=lambda item: -item[1][2])[:FUNCTIONS]
    title = f"{{}} of {service}: share of {total_s:.1f} s of CPU time under the profiler"
    return (
        Detail(title.format("The packages"), _packages(stats, total_s)),
        Detail(title.format("The hottest functions"), [_row(where, row, total_s) for where, row in hottest]),
    )


def _packages(stats: Stats, total_s: float) -> Sequence[Mapping[str, object]]:
    """Own time by package; a built-in counts for the packages that call it."""
    times_s: defaultdict[str, float] = defaultdict(float)
    for where, (_, _, own_s, _, callers) in stats.items():
        if where[0] != BUILT_IN or not callers:
            times_s[_package(where[0])] += own_s
        for caller, (_, _, called_s, _) in callers.items() if where[0] == BUILT_IN else ():
            times_s[_package(caller[0])] += called_s
    hottest = sorted(times_s.items(), key=lambda item: -item[1])[:PACKAGES]
    return [{"package": name, "own time": f"{own_s / total_s:.1%}"} for name, own_s in hottest]


def _package(file: str) -> str:
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if ROOT in Path(file).parents:
        return next((part for part in reversed(parts[:-1]) if part in OWN_PACKAGES), "tests")
    return "standard library"


def _row(where: Where, row: Row, total_s: float) -> Mapping[str, object]:
    file, line, name = where
    _, calls, own_s, _, _ = row
    return {
        "own time": f"{own_s / total_s:.1%}",
        "calls": calls,
        "µs a call": round(own_s * 1e6 / calls, 1),
        "function": name if file == BUILT_IN else f"{'/'.join(Path(file).parts[-2:])}:{line} {name}",
    }
