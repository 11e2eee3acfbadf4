"""Does a result show and keep everything that was measured?"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from tests.bench.result import BenchResult, Detail, Peer
from tests.bench.table import show

RESULT = BenchResult(
    id="P0",
    what="things a second",
    value=123.4,
    unit="things/s",
    bar=">= 100",
    aim=">= 200",
    met=True,
    runs=({"per s": 120.0, "errors": 0}, {"per s": 126.8, "errors": 3}),
    baseline={"raw": 250},
    peers=(Peer("somebody", "37 things/s", "8 cores"),),
    details=(Detail("Where it went", ({"process": "intake", "CPU s": 1.5},)),),
    notes=("measured on a quiet machine",),
)


def shown(result: BenchResult) -> str:
    screen = StringIO()
    show(result, Console(file=screen, width=160))
    return screen.getvalue()


def test_the_table_holds_the_figure_its_bar_its_aim_and_the_verdict() -> None:
    text = shown(RESULT)

    assert all(part in text for part in ("P0", "123.4 things/s", ">= 100", ">= 200", "met"))


def test_a_missed_bar_is_called_missed() -> None:
    assert "missed" in shown(replace(RESULT, met=False))


def test_every_run_is_shown_with_what_stood_beside_it() -> None:
    text = shown(RESULT)

    assert all(part in text for part in ("120.0", "126.8", "250", "37 things/s", "8 cores", "intake", "quiet machine"))


def test_a_question_nobody_published_on_says_so() -> None:
    assert "no published figure is known" in shown(replace(RESULT, peers=()))


def test_a_figure_that_never_came_is_a_word_on_screen_and_null_in_the_file(tmp_path: Path) -> None:
    result = replace(RESULT, value=math.inf, met=False)

    path = result.write(tmp_path)

    assert "never" in shown(result)
    assert json.loads(path.read_text(encoding="utf-8"))["value"] is None


def test_the_file_holds_everything_that_is_on_the_screen(tmp_path: Path) -> None:
    written = json.loads(RESULT.write(tmp_path).read_text(encoding="utf-8"))

    assert {"id", "value", "unit", "bar", "met", "runs", "baseline", "peers", "details", "machine"} <= written.keys()
    assert written["runs"][1] == {"per s": 126.8, "errors": 3}
