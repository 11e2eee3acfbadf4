"""Where did the processor's time go while something was measured?"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

GENERATOR = "load generator"
OTHERS = "other programs"


@dataclass(frozen=True, slots=True)
class CpuUse:
    """CPU seconds by name over `window_s` of wall time; `other programs` is what the rest of the machine used."""

    window_s: float
    cores: int
    seconds: Mapping[str, float]


class CpuWatch:
    """Takes the CPU time of named process trees, from where it is made to `stop`; this process is the generator."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = {**pids, GENERATOR: os.getpid()}
        self._began_s = time.perf_counter()
        self._before = self._read()

    def stop(self) -> CpuUse:
        """What was used since the start."""
        after = self._read()
        used = {name: max(after[name] - self._before[name], 0.0) for name in after}
        busy_s = used.pop(OTHERS)
        return CpuUse(
            window_s=time.perf_counter() - self._began_s,
            cores=psutil.cpu_count() or 1,
            seconds={**used, OTHERS: max(busy_s - sum(used.values()), 0.0)},
        )

    def _read(self) -> dict[str, float]:
        whole = psutil.cpu_times()
        busy_s = sum(whole) - whole.idle - getattr(whole, "iowait", 0.0) - getattr(whole, "guest", 0.0)
        return {**{name: _tree_cpu_s(pid) for name, pid in self._pids.items()}, OTHERS: busy_s}


def _tree_cpu_s(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(map(_own_cpu_s, family))


def _own_cpu_s(process: psutil.Process) -> float:
    """To the nanosecond where the kernel tells it: in ticks of 10 ms, fifty quiet backends would count as nothing."""
    try:
        threads = list(Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
        if threads:
            return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9
        times = process.cpu_times()
    except (psutil.NoSuchProcess, OSError):
        return 0.0
    return float(times.user + times.system)
