"""How does a connected app see every alert once, in order, also across a lost connection?"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Reversible, Sequence
from itertools import takewhile

import structlog

from lamplight_chassis.database import Database
from notify.metrics import NotifyMetrics
from notify.store import StoredAlert, alerts_after, last_position

log = structlog.get_logger()

POLL_S = 0.1
QUIET_S = 15.0
PAGE = 500
REMEMBERED = 2_000
PAUSE_AFTER_FAILURE_S = 1.0


def newer_than(position: int, alerts: Reversible[StoredAlert]) -> list[StoredAlert]:
    """Those of some alerts in their order that follow a position; looks at these and one more."""
    newer = list(takewhile(lambda alert: alert.position > position, reversed(alerts)))
    newer.reverse()
    return newer


class AlertStream:
    """Each app reads on from its own position: from the alerts remembered here, or from the table if it is far behind.

    Positions grow in commit order, so "after position N" never misses an alert that another instance commits late, and
    an app that reads slowly only costs a query of its own.
    """

    def __init__(self, database: Database, metrics: NotifyMetrics) -> None:
        self._database = database
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._news = asyncio.Event()
        self._listeners = 0
        self._recent: deque[StoredAlert] = deque(maxlen=REMEMBERED)
        self._remembered_after: int | None = None

    def wake(self) -> None:
        """Say that there may be new alerts."""
        self._woken.set()

    async def run(self) -> None:
        """Read new alerts for as long as the instance lives."""
        while True:
            try:
                await self._tail()
            except Exception as error:
                log.warning("stream.read_failed", error=repr(error))
                self._forget()
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)

    async def begin_after(self, asked: int | None) -> int:
        """The position after which a listener begins: the one it asks for, or the newest.

        No alert has a position beyond the newest. Who asks for one remembers a database that is gone, or was mistaken,
        and would hear nothing until the positions have grown so far.
        """
        newest = await last_position(self._database)
        return newest if asked is None else min(asked, newest)

    async def follow(self, *, after: int) -> AsyncIterator[Sequence[StoredAlert]]:
        """All alerts after a position, as many at once as there are; never ends by itself.

        An empty page comes when nothing happened for a while, so that a caller can see whether the app still listens.
        """
        position = after
        self._listeners += 1
        self._metrics.streams.inc()
        try:
            while True:
                news = self._news
                page = self._remembered(position)
                if page is None:
                    page = await alerts_after(self._database, position, limit=PAGE)
                if page:
                    position = page[-1].position
                    yield page
                elif not await _is_set_within(news, QUIET_S):
                    yield ()
        finally:
            self._listeners -= 1
            self._metrics.streams.dec()

    def _remembered(self, position: int) -> Sequence[StoredAlert] | None:
        """What is remembered after a position; None when something after it may not be remembered."""
        if self._remembered_after is None or position < self._remembered_after:
            return None
        return newer_than(position, self._recent)

    async def _tail(self) -> None:
        last: int | None = None
        while True:
            self._woken.clear()
            page: Sequence[StoredAlert] = ()
            has_begun = False
            if not self._listeners:
                self._forget()
                last = None
            elif last is None:
                last = self._remembered_after = await last_position(self._database)
                has_begun = True
            else:
                page = await alerts_after(self._database, last, limit=PAGE)
                for alert in page:
                    last = alert.position
                    self._remember(alert)
            if page or has_begun:
                self._tell_listeners()
            if len(page) < PAGE:
                await self._wait()

    def _tell_listeners(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _remember(self, alert: StoredAlert) -> None:
        if len(self._recent) == REMEMBERED:
            self._remembered_after = self._recent[0].position
        self._recent.append(alert)

    def _forget(self) -> None:
        self._recent.clear()
        self._remembered_after = None

    async def _wait(self) -> None:
        await _is_set_within(self._woken, POLL_S)


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
