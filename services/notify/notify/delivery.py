"""How does an alert reach its destination, in the end or not at all, and never in between?"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import Database
from notify.deliveries import Delivery, Ending, claim_due, settle
from notify.metrics import NotifyMetrics

log = structlog.get_logger()

CLAIM_LIMIT = 200
IDLE_POLL_S = 0.25
PAUSE_AFTER_FAILURE_S = 1.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 600.0


class ChannelError(Exception):
    """The destination did not take an alert this time; the text says why, without any secret."""


class Channel(Protocol):
    """A way to reach a destination; raises ChannelError when it was not taken."""

    async def send(self, delivery: Delivery) -> None: ...


def pause_s(tries: int, jitter: float) -> float:
    """How long to wait after so many tries: doubling from 1 s to 10 min, times 0.5 to 1.0 by `jitter` in 0..1."""
    return float(min(FIRST_PAUSE_S * 2 ** (tries - 1), LONGEST_PAUSE_S) * (0.5 + jitter / 2))


class Courier:
    """Takes due deliveries, sends them at once beside one another, and writes down how it went."""

    def __init__(
        self,
        *,
        database: Database,
        channels: Mapping[str, Channel],
        metrics: NotifyMetrics,
        now: Clock,
        new_id: NewId,
        lease_s: float,
        max_tries: int,
    ) -> None:
        self._database = database
        self._channels = channels
        self._metrics = metrics
        self._now = now
        self._new_id = new_id
        self._lease_s = lease_s
        self._max_tries = max_tries
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that there is something to deliver."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled, through any outage of the database."""
        while True:
            try:
                if not await self.deliver_due():
                    await self._wait()
            except Exception as error:
                log.warning("delivery.round_failed", error=repr(error))
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)

    async def deliver_due(self) -> int:
        """Make one round; returns how many deliveries were tried."""
        self._woken.clear()
        due = await claim_due(self._database, now=self._now(), lease_s=self._lease_s, limit=CLAIM_LIMIT)
        if due:
            endings: Sequence[Ending] = await asyncio.gather(*(self._try(delivery) for delivery in due))
            await settle(self._database, endings, now=self._now(), new_id=self._new_id)
            self._metrics.count_endings(endings, now=self._now())
        return len(due)

    async def _try(self, delivery: Delivery) -> Ending:
        try:
            async with asyncio.timeout(self._lease_s / 2):
                await self._channels[delivery.channel].send(delivery)
        except (ChannelError, TimeoutError, KeyError) as error:
            return self._unsent(delivery, f"{type(error).__name__}: {error}", self._now())
        return Ending(delivery, None, None)

    def _unsent(self, delivery: Delivery, error: str, now: datetime) -> Ending:
        if delivery.tries >= self._max_tries:
            log.error("delivery.failed", delivery_id=str(delivery.id), tries=delivery.tries, error=error)
            return Ending(delivery, error, None)
        wait = timedelta(seconds=pause_s(delivery.tries, random.random()))
        return Ending(delivery, error, now + wait)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), IDLE_POLL_S)
        except TimeoutError:
            return
