"""Does a whole run end green, and red as soon as the outbox or the inbox is taken out?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.chaos

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "chaos-proof"
KILLS = 10
GREEN, RED = 0, 1


def _run(*arguments: str) -> tuple[int, Mapping[str, Any]]:
    """Make a short run; answers its exit code and its figures."""
    result = FOLDER.with_suffix(".json")
    result.unlink(missing_ok=True)
    command = (sys.executable, "-m", "tests.chaos", "--kills", str(KILLS), "--folder", str(FOLDER))
    done = subprocess.run([*command, "--result", str(result), *arguments], cwd=ROOT, check=False)
    return done.returncode, json.loads(result.read_text(encoding="utf-8"))


def test_a_whole_build_ends_green() -> None:
    code, figures = _run()

    assert code == GREEN
    assert figures["kills"] == KILLS
    assert figures["reports_accepted"] > 0
    assert sum(figures["violations"].values()) == 0


def test_a_build_without_its_outbox_loses_some_events_and_ends_red() -> None:
    code, figures = _run("--break", "outbox")

    assert code == RED
    assert figures["violations"]["lost"] > 0
    assert figures["case_events"] > 0


def test_a_build_without_its_inbox_doubles_effects_and_ends_red() -> None:
    code, figures = _run("--break", "inbox")

    assert code == RED
    assert figures["violations"]["doubled"] > 0
    assert figures["violations"]["lost"] == 0
