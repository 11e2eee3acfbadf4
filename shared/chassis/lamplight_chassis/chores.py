"""How is something done again and again, whatever goes wrong in between?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from lamplight_chassis.transience import is_transient

log = structlog.get_logger()

Chore = Callable[[], Awaitable[None]]


async def repeat(act: Chore, *, every_s: float) -> None:
    """Do something for ever; what fails is logged under the chore's name, a bug with its traceback."""
    while True:
        try:
            await act()
        except Exception as error:
            will_pass = is_transient(error)
            log.log(
                logging.WARNING if will_pass else logging.ERROR,
                "service.chore_failed",
                chore=name_of(act),
                error=repr(error),
                exc_info=None if will_pass else error,
            )
        await asyncio.sleep(every_s)


def name_of(act: Chore) -> str:
    """What a function is called, also when some of its arguments are given already."""
    while isinstance(act, partial):
        act = act.func
    return str(getattr(act, "__name__", type(act).__name__)).strip("_")
