"""How often does a loop go round when there is always something to do?

Under load a short pause lets the next round take more at once: fewer transactions, requests and commits for the same
work. When it was quiet, there is no pause at all.
"""

from __future__ import annotations

import asyncio
import math
import time


class Pace:
    """Keeps rounds at least so many seconds apart, counted from start to start."""

    def __init__(self, apart_s: float) -> None:
        self._apart_s = apart_s
        self._began_s = -math.inf

    async def next_round(self) -> None:
        """Wait until the next round may begin."""
        wait_s = self._began_s + self._apart_s - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._began_s = time.monotonic()
