"""What did one benchmark measure, and did it meet its bar?"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path

BUILD_DIR = Path("build/bench")


@dataclass(frozen=True, slots=True)
class Peer:
    """What somebody else published for the same question.

    Arguments:
        where: on which machine, at which size, when.
    """

    name: str
    figure: str
    where: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One more table beside the figure, such as where the CPU time went."""

    title: str
    rows: Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class BenchResult:
    """One figure of one benchmark, as written to `build/bench/<id>.json`.

    Arguments:
        id: the bar's name, such as `P1` or `D3`.
        value: the measured figure, in `unit`.
        bar: what is asked for, as text (`>= 120`), so that a table can print it.
        met: whether the bar was met.
        runs: every single run's figures, never only the best.
        baseline: what was measured beside it in the same run.
        peers: what others published.
    """

    id: str
    what: str
    value: float
    unit: str
    bar: str
    met: bool
    runs: Sequence[Mapping[str, object]]
    baseline: Mapping[str, object] = field(default_factory=dict)
    aim: str = ""
    notes: Sequence[str] = ()
    peers: Sequence[Peer] = ()
    details: Sequence[Detail] = ()

    def write(self, folder: Path = BUILD_DIR) -> Path:
        """Write the result with the machine it was measured on; returns the file's path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.id}.json"
        machine = {"cores": cpu_count(), "python": platform.python_version(), "system": platform.system()}
        measured_at = datetime.now(UTC).isoformat(timespec="seconds")
        value = self.value if math.isfinite(self.value) else None  # JSON has no word for what never came
        document = {**asdict(self), "value": value, "machine": machine, "measured_at": measured_at}
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path
