"""How does a test wait for something that happens by itself, and for no longer than it may take?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

PAUSE_S = 0.02


async def until(is_so: Callable[[], Awaitable[bool]], what: str, *, within_s: float = 20.0) -> float:
    """Return the seconds that it took; fails the test when it takes too long."""
    began_s = time.monotonic()
    while not await is_so():
        assert time.monotonic() - began_s < within_s, f"waited {within_s:.0f} s for: {what}"
        await asyncio.sleep(PAUSE_S)
    return time.monotonic() - began_s
