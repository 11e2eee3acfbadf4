"""How do the parts of a service end, one after another, none of them holding up the others?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import structlog

from lamplight_chassis.chores import name_of

log = structlog.get_logger()

STOP_WITHIN_S = 3.0

Close = Callable[[], Coroutine[Any, Any, None]]


async def within_limit(ending: Awaitable[Any]) -> None:
    """Wait for an end, but not for long; what has not ended by then is cancelled."""
    with suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(ending, STOP_WITHIN_S)


async def close_all(closings: Sequence[Close]) -> None:
    """Close everything, the last that was opened first; one that fails is logged, and the others are closed too."""
    for close in reversed(closings):
        try:
            await within_limit(close())
        except Exception:
            log.exception("service.closing_failed", closing=name_of(close))
