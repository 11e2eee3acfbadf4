"""Who ends a process that is stuck, so that whatever started it starts it anew?

A supervisor that restarts what exited, such as Docker Compose, does not restart what only answers that it is unwell.
And a process whose event loop hangs answers nothing: this looks from a thread, and needs of the loop its pulse alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import Thread

import structlog

log = structlog.get_logger()

LOOKS = 12
BEATS = 2 * LOOKS
STUCK = 70  # EX_SOFTWARE of sysexits.h


def look_after(pulse: Callable[[], int], *, patience_s: float) -> None:
    """End this process with code 70 once its pulse has not changed for `patience_s`; looks from a thread of its own.

    Nothing is stopped gracefully: what is stuck would not stop, and nothing is lost by a kill.
    """
    Thread(target=_end_when_stuck, args=(pulse, patience_s), name="watchdog", daemon=True).start()


def _end_when_stuck(pulse: Callable[[], int], patience_s: float) -> None:
    wait_until_still(pulse, patience_s=patience_s)
    log.error("service.stuck", patience_s=patience_s)
    os._exit(STUCK)


def wait_until_still(
    pulse: Callable[[], int], *, patience_s: float, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Return when so many looks in a row found the same pulse: counting looks, a machine that slept is not stuck."""
    last, still = pulse(), 0
    while still < LOOKS:
        sleep(patience_s / LOOKS)
        now = pulse()
        last, still = now, still + 1 if now == last else 0
