"""How does a demo end when somebody wants it to, once or twice, without leaving anything running?"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from functools import partial
from types import FrameType
from typing import Any, TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Result = TypeVar("Result")


class Ending:
    """The first signal ends what is going on; every later one is ignored, so that the stop itself is not cut short."""

    def __init__(self) -> None:
        self._is_near = False
        self._on_signal: Callable[[], object] | None = None

    def listen(self) -> None:
        """Take over the signals of this process; until `unless_asked` runs, the first one is a KeyboardInterrupt."""
        for number in SIGNALS:
            signal.signal(number, self._receive)

    def begin(self) -> None:
        """The stop begins: from now on signals change nothing."""
        self._is_near = True

    async def unless_asked(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """Do the work, and answer None instead when a signal comes first; the work is then cancelled."""
        if self._is_near:
            work.close()
            return None
        loop, asked = asyncio.get_running_loop(), asyncio.Event()
        self._on_signal = partial(loop.call_soon_threadsafe, asked.set)
        task, wish = asyncio.ensure_future(work), asyncio.ensure_future(asked.wait())
        try:
            await asyncio.wait({task, wish}, return_when=asyncio.FIRST_COMPLETED)
            return await task if task.done() else None
        finally:
            self._on_signal = None
            for rest in (task, wish):
                rest.cancel()
            await asyncio.gather(task, wish, return_exceptions=True)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_near:
            return
        self._is_near = True
        if self._on_signal is None:
            raise KeyboardInterrupt
        self._on_signal()
