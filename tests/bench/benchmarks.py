"""Which benchmarks are there, and where? Each is a module with an `ID` and a `run`."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.options import Options
from tests.bench.result import BenchResult

HERE = Path(__file__).parent
PACKAGE = "tests.bench"
DISPATCHING = "dispatching"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark by its id; nothing of it is imported before it runs.

    Arguments:
        takes_data: its `run` wants the data folder alone, not the options.
    """

    id: str
    module: str
    takes_data: bool

    def run(self, options: Options) -> Sequence[BenchResult]:
        """Measure it; most have one result."""
        run = importlib.import_module(self.module).run
        found = run(options.data) if self.takes_data else run(options)
        return [found] if isinstance(found, BenchResult) else list(found or ())


def find_benchmarks(folder: Path = HERE) -> Sequence[Benchmark]:
    """All benchmarks, in the order of their ids; those of dispatching may not be there at all."""
    own = [Benchmark(id, f"{PACKAGE}.{name}", False) for id, name in _ids(folder)]
    dispatching = [Benchmark(id, f"{PACKAGE}.{DISPATCHING}.{name}", True) for id, name in _ids(folder / DISPATCHING)]
    return sorted([*own, *dispatching], key=lambda benchmark: benchmark.id)


def _ids(folder: Path) -> Iterator[tuple[str, str]]:
    """Id and module name of each file that has an id, read from the source: importing some of them takes seconds."""
    for file in sorted(folder.glob("*.py")):
        id = _id_in(ast.parse(file.read_text(encoding="utf-8")))
        if id is not None:
            yield id, file.stem


def _id_in(module: ast.Module) -> str | None:
    for statement in module.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id="ID")], value=ast.Constant(value=str(found)))
                | ast.AnnAssign(target=ast.Name(id="ID"), value=ast.Constant(value=str(found)))
            ):
                return found
    return None
