"""How is a service run under a profiler that costs nothing until it is asked for?

`python -m tests.bench.profiled SERVICE FOLDER` runs `python -m SERVICE`. SIGUSR1 starts the profiler, SIGUSR2 stops it
and writes `FOLDER/SERVICE.prof`. It counts the CPU time of the main thread, so waiting is no time at all.
"""

from __future__ import annotations

import cProfile
import runpy
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    service, folder = sys.argv[1], Path(sys.argv[2])
    profiler = cProfile.Profile(time.thread_time_ns, 1e-9)

    def finish(*_: object) -> None:
        profiler.disable()
        unfinished = folder / f"{service}.unfinished"
        profiler.dump_stats(unfinished)
        unfinished.rename(folder / f"{service}.prof")

    signal.signal(signal.SIGUSR1, lambda *_: profiler.enable())
    signal.signal(signal.SIGUSR2, finish)
    sys.argv = [service]
    runpy.run_module(service, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
