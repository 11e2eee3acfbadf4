"""Which part of a load is counted, and what was it?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench.load.connection import Connection, Reply
from tests.bench.load.cpu import CpuUse, CpuWatch


@dataclass(slots=True)
class Tally:
    """Counts and times inside the window; before and after it nothing is noted."""

    is_open: bool = False
    times_ms: dict[str, list[float]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    async def ask(self, connection: Connection, call: str, request: bytes) -> Reply:
        """Send a request and note how long it took under the name of the call."""
        began_s = time.perf_counter()
        reply = await connection.ask(request)
        self.note(call, time.perf_counter() - began_s)
        return reply

    def note(self, what: str, seconds: float) -> None:
        """Note a time that is no single call's."""
        if self.is_open:
            self.times_ms.setdefault(what, []).append(seconds * 1000)

    def finish(self, what: str) -> None:
        """Count something that is complete."""
        if self.is_open:
            self.done[what] += 1

    def fail(self, call: str, reply: Reply) -> None:
        """Count an answer that should not have been."""
        if self.is_open:
            self.errors[f"{call}: {reply.status or 'no answer'}"] += 1


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in a window of `window_s` seconds."""

    window_s: float
    done: Mapping[str, int]
    errors: Mapping[str, int]
    times_ms: Mapping[str, Sequence[float]]
    cpu: CpuUse

    def per_s(self, what: str) -> float:
        return self.done.get(what, 0) / self.window_s


async def count_window(
    users: Sequence[Coroutine[Any, Any, None]],
    tally: Tally,
    *,
    warm_up_s: float,
    measure_s: float,
    pids: Mapping[str, int],
) -> Counted:
    """Let users work, count for `measure_s` after a warm-up, and stop them where they are."""
    tasks = [asyncio.create_task(user) for user in users]
    await asyncio.sleep(warm_up_s)
    watch = CpuWatch(pids)
    tally.is_open = True
    began_s = time.perf_counter()
    await asyncio.sleep(measure_s)
    tally.is_open = False
    window_s = time.perf_counter() - began_s
    cpu = watch.stop()
    for task in tasks:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    bugs = [end for end in ends if isinstance(end, Exception)]
    if bugs:
        raise bugs[0]
    return Counted(window_s, dict(tally.done), dict(tally.errors), tally.times_ms, cpu)
