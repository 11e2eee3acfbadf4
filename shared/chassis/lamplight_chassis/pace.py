"""How long does a loop rest after a round of work?

A round that took long took long because there is much to do: a rest in proportion lets the next one take more at once,
with fewer transactions, requests and commits for the same work. When it is quiet, rounds are short and so are rests.
"""

from __future__ import annotations

import asyncio
import time


class Pace:
    """Rests a share of the time that the last round took.

    Arguments:
        share: of the round's seconds.
        most_s: never longer than this.
    """

    def __init__(self, *, share: float, most_s: float) -> None:
        self._share = share
        self._most_s = most_s
        self._began_s = time.monotonic()

    def begin(self) -> None:
        """A round of work begins."""
        self._began_s = time.monotonic()

    async def rest(self) -> None:
        """The round is over."""
        worked_s = time.monotonic() - self._began_s
        await asyncio.sleep(min(worked_s * self._share, self._most_s))
