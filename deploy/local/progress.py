"""How does a start say what it is doing?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

Say = Callable[[str], None]


def silent(_step: str) -> None:
    """Say nothing: for tests and programs that watch the result only."""


def timed_lines(out: TextIO) -> Say:
    """Say each step on one plain line with the seconds since the first; the same with and without a terminal."""
    began_s = time.monotonic()

    def say(step: str) -> None:
        out.write(f"{time.monotonic() - began_s:6.1f} s  {step}\n")
        out.flush()

    return say
