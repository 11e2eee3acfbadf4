"""Which benchmarks does `python -m tests.bench` run, and what does it print?"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from deploy.local.failure import CannotRun
from tests.bench.benchmarks import Benchmark, find_benchmarks
from tests.bench.options import FULL, QUICK, Options
from tests.bench.result import BenchResult
from tests.bench.table import show

WIDTH = 140
QUICK_NOTE = "one short run, mostly warming up: it shows that the benchmark works, and is not to be quoted"


def main() -> int:
    """Run the benchmarks that were asked for; the exit code is 1 when a bar was missed."""
    known = find_benchmarks()
    arguments = _parser(known).parse_args()
    chosen = [benchmark for benchmark in known if benchmark.id == arguments.id or not arguments.id]
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    began_s = time.monotonic()
    options = Options(
        pace=QUICK if arguments.quick else FULL,
        data=arguments.data,
        wants_profile=arguments.profile,
        say=lambda what: console.print(f"[{time.monotonic() - began_s:6.1f} s] {what}", style="dim", markup=False),
    )
    try:
        missed = [benchmark.id for benchmark in chosen if not _run(benchmark, options, console)]
    except CannotRun as error:
        console.print(str(error), style="red", markup=False)
        return 2
    return 1 if missed else 0


def _run(benchmark: Benchmark, options: Options, console: Console) -> bool:
    options.say(benchmark.id)
    results = [_marked(result, options) for result in benchmark.run(options)]
    for result in results:
        path = result.write()
        show(result, console)
        options.say(f"{result.id} is written to {path}")
    return all(result.met for result in results)


def _marked(result: BenchResult, options: Options) -> BenchResult:
    return replace(result, notes=(QUICK_NOTE, *result.notes)) if options.pace is QUICK else result


def _parser(known: Sequence[Benchmark]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("--id", choices=[benchmark.id for benchmark in known], help="only this one; all if left out")
    parser.add_argument("--data", type=Path, help="a folder of input data, for the benchmarks that read some")
    parser.add_argument("--quick", action="store_true", help="one short run: to see that it works, not to quote")
    parser.add_argument("--profile", action="store_true", help="with P1 and P6: the hottest functions of each service")
    return parser


if __name__ == "__main__":
    sys.exit(main())
