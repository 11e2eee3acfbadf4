"""How does an alert reach its destination, in the end or not at all, and never in between?"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

import stamina
import structlog

from lamplight_chassis.clock import Clock
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.trail import correlation_id, on_behalf_of
from lamplight_chassis.transience import is_transient
from notify.deliveries import Claim, Delivery, Ending, Room
from notify.metrics import NotifyMetrics

log = structlog.get_logger()

CLAIM_LIMIT = 200
MAX_IN_FLIGHT = 500
MAX_PER_DESTINATION = 100
DRAIN_S = 1.0
MAX_ERROR = 500
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
    """Takes due deliveries, sends them beside one another, and writes down how each went as soon as it is known.

    A destination that is slow holds its own deliveries only: those that wait share the flights, and a share is always
    left over. What is in flight when the process dies comes again when its lease is over.
    """

    def __init__(
        self,
        *,
        claim: Callable[[Room], Awaitable[Claim]],
        endings: GroupCommit[Ending, None],
        channels: Mapping[str, Channel],
        metrics: NotifyMetrics,
        now: Clock,
        lease_s: float,
        max_tries: int,
    ) -> None:
        self._claim = claim
        """Leases due deliveries in a transaction of their own (`deliveries.claim_due`)."""
        self._endings = endings
        """Writes down how tries ended, many in one transaction (`deliveries.settle`)."""
        self._channels = channels
        self._metrics = metrics
        self._now = now
        self._lease_s = lease_s
        self._max_tries = max_tries
        self._woken = asyncio.Event()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._tried_now: Counter[UUID] = Counter()
        self._full: frozenset[UUID] = frozenset()

    def wake(self) -> None:
        """Say that there is something to deliver, or room for it."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled, through any outage of the database."""
        try:
            while True:
                try:
                    await self._take_due()
                except Exception as error:
                    log.warning("delivery.claim_failed", error=repr(error))
                    await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
        finally:
            if self._in_flight:
                await asyncio.wait(self._in_flight, timeout=DRAIN_S)
            for task in self._in_flight:
                task.cancel()

    async def _take_due(self) -> None:
        """Put what is due in flight, as far as there is room; wait when there is nothing to do."""
        self._woken.clear()
        free = MAX_IN_FLIGHT - len(self._in_flight)
        if not free:
            await self._wait()
            return
        room = Room(min(free, CLAIM_LIMIT), MAX_IN_FLIGHT, MAX_PER_DESTINATION, self._tried_now)
        claim = await self._claim(room)
        for delivery in claim.deliveries:
            self._tried_now[delivery.subscription_id] += 1
            task = asyncio.create_task(self._deliver(delivery))
            self._in_flight.add(task)
            task.add_done_callback(partial(self._landed, delivery))
        self._full = frozenset(name for name, tried in self._tried_now.items() if tried >= claim.share)
        if len(claim.deliveries) < CLAIM_LIMIT:
            await self._wait()

    async def _deliver(self, delivery: Delivery) -> None:
        correlation_id.set(delivery.correlation_id)
        try:
            ending = await self._try(delivery)
        finally:
            self._make_room(delivery.subscription_id)
        await self._write_down(ending)
        self._metrics.count_ending(ending, now=self._now())

    async def _write_down(self, ending: Ending) -> None:
        try:
            await self._endings.submit(ending)
        except Exception as error:
            if not is_transient(error):
                raise
            await self._write_down_later(ending)

    async def _write_down_later(self, ending: Ending) -> None:
        """Patience costs a fifth of a whole delivery, so only what failed once pays for it."""
        attempts = stamina.retry_context(
            on=is_transient, attempts=None, timeout=self._lease_s / 2, wait_initial=PAUSE_AFTER_FAILURE_S
        )  # after that the lease is over, and the next try begins
        async for attempt in attempts:
            with attempt:
                await self._endings.submit(ending)

    async def _try(self, delivery: Delivery) -> Ending:
        try:
            async with asyncio.timeout(self._lease_s / 2):
                await self._channels[delivery.channel].send(delivery)
        except (ChannelError, TimeoutError) as error:
            return self._unsent(delivery, f"{type(error).__name__}: {error}")
        except Exception as error:
            log.exception("delivery.bug", delivery_id=str(delivery.id), channel=delivery.channel)
            return self._unsent(delivery, f"bug: {error!r}")
        return Ending(delivery, None, None)

    def _unsent(self, delivery: Delivery, said: str) -> Ending:
        error = said.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")[:MAX_ERROR]
        if delivery.tries >= self._max_tries:
            log.error("delivery.failed", delivery_id=str(delivery.id), tries=delivery.tries, error=error)
            return Ending(delivery, error, None)
        wait = timedelta(seconds=pause_s(delivery.tries, random.random()))
        return Ending(delivery, error, self._now() + wait)

    def _make_room(self, destination: UUID) -> None:
        self._tried_now[destination] -= 1
        if not self._tried_now[destination]:
            del self._tried_now[destination]
        if destination in self._full:
            self._full -= {destination}
            self.wake()

    def _landed(self, delivery: Delivery, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            with on_behalf_of(delivery.correlation_id):
                log.warning("delivery.not_written_down", delivery_id=str(delivery.id), error=repr(error))
        was_full = len(self._in_flight) >= MAX_IN_FLIGHT
        self._in_flight.discard(task)
        if was_full:
            self.wake()

    async def _wait(self) -> None:
        # Not `wait_for`: woken and cancelled at the same moment, it forgets that it was cancelled.
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_POLL_S):
                await self._woken.wait()
