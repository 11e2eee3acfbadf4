"""How does a connected app see every alert once, in order, also across a lost connection?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog

from lamplight_chassis.database import Database
from notify.metrics import NotifyMetrics
from notify.store import StoredAlert, alerts_after, last_position

log = structlog.get_logger()

POLL_S = 0.1
PAGE = 500
MAX_BEHIND = 2_000
PAUSE_AFTER_FAILURE_S = 1.0


class AlertStream:
    """One reader of the alerts table per instance, and a queue per connected app.

    Positions grow in commit order, so "after position N" never misses an alert that another instance commits late.
    """

    def __init__(self, database: Database, metrics: NotifyMetrics) -> None:
        self._database = database
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._position: int | None = None
        self._listeners: set[asyncio.Queue[StoredAlert | None]] = set()

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
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)

    async def follow(self, *, after: int | None) -> AsyncIterator[StoredAlert]:
        """All alerts after a position, or from now on; ends when the app reads too slowly, so that it connects anew."""
        queue: asyncio.Queue[StoredAlert | None] = asyncio.Queue(MAX_BEHIND)
        self._listeners.add(queue)
        self._metrics.streams.inc()
        try:
            position = await last_position(self._database) if after is None else after
            async for alert in self._missed(position):
                position = alert.position
                yield alert
            while (news := await queue.get()) is not None:
                if news.position > position:
                    yield news
        finally:
            self._listeners.discard(queue)
            self._metrics.streams.dec()

    async def _missed(self, position: int) -> AsyncIterator[StoredAlert]:
        while page := await alerts_after(self._database, position, limit=PAGE):
            for alert in page:
                yield alert
            position = page[-1].position

    async def _tail(self) -> None:
        if self._position is None:
            self._position = await last_position(self._database)
        while True:
            self._woken.clear()
            page = await alerts_after(self._database, self._position, limit=PAGE) if self._listeners else ()
            for alert in page:
                self._position = alert.position
                self._hand_out(alert)
            if len(page) < PAGE:
                await self._wait()
            if not self._listeners:
                self._position = await last_position(self._database)

    def _hand_out(self, alert: StoredAlert) -> None:
        for queue in list(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)
                log.warning("stream.listener_dropped", behind=MAX_BEHIND)
            else:
                queue.put_nowait(alert)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), POLL_S)
        except TimeoutError:
            return
