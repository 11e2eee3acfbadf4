"""Which dispatch benchmarks are run, and over which data? `python -m tests.bench.dispatching D1 --data folder`"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.failure import CannotRun
from tests.bench.result import BenchResult

MODULES = {
    "D1": "d1_response",
    "D2": "d2_first_come",
    "D3": "d3_effort",
    "D4": "d4_decision",
    "D5": "d5_patrol",
    "D6": "d6_clairvoyant",
}


def main() -> int:
    """Run the wanted ones, print a table, write JSON under build/bench; 1 when a bar is missed, 2 without data."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", default=sorted(MODULES), help="D1 to D6; all when left out")
    parser.add_argument("--data", type=Path, help="a folder as dispatch.simulation.city_data describes")
    options = parser.parse_args()
    console, results = Console(), []
    for each in options.ids:
        try:
            found: list[BenchResult] = import_module(f"tests.bench.dispatching.{MODULES[each]}").run(options.data)
        except CannotRun as error:
            console.print(f"{each}: {error}")
            return 2
        results += found
        for result in found:
            result.write()
        _print(found, console)
    return 0 if all(result.met for result in results) else 1


def _print(results: list[BenchResult], console: Console) -> None:
    table = Table("id", "what", "value", "bar", "aim", "met")
    for result in results:
        value = f"{result.value} {result.unit}"
        table.add_row(result.id, result.what, value, result.bar, result.aim, "yes" if result.met else "no")
    console.print(table)
    for note in dict.fromkeys(note for result in results for note in result.notes):
        console.print(f"  {note}")


if __name__ == "__main__":
    sys.exit(main())
