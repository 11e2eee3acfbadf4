"""Which destinations take alerts, fail, keep a sender waiting, or break?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from lamplight_chassis.clock import Clock, new_id
from lamplight_chassis.database import Database
from lamplight_chassis.group_commit import GroupCommit
from notify.deliveries import Delivery, Ending, claim_due, settle
from notify.delivery import Channel, ChannelError, Courier
from notify.metrics import NotifyMetrics

MAX_TRIES = 3
LEASE_S = 30.0


class Destination:
    """Takes every alert after so many refusals."""

    def __init__(self, *, refusals: int = 0, reason: str = "answered with status 500") -> None:
        self.sent: list[Delivery] = []
        self._refusals = refusals
        self._reason = reason

    async def send(self, delivery: Delivery) -> None:
        self.sent.append(delivery)
        if len(self.sent) <= self._refusals:
            raise ChannelError(self._reason)

    @property
    def ids(self) -> list[UUID]:
        return [delivery.id for delivery in self.sent]


class Broken(Destination):
    """Has a bug that shows for some alerts."""

    def __init__(self, *ids: UUID) -> None:
        super().__init__()
        self._ids = ids

    async def send(self, delivery: Delivery) -> None:
        await super().send(delivery)
        if delivery.alert_id in self._ids:
            raise ZeroDivisionError("a bug in the channel")


class Waiting(Destination):
    """Keeps senders waiting until it is opened, for all alerts or for some."""

    def __init__(self, *ids: UUID) -> None:
        super().__init__()
        self.is_open = asyncio.Event()
        self._ids = ids

    async def send(self, delivery: Delivery) -> None:
        await super().send(delivery)
        if not self._ids or delivery.alert_id in self._ids:
            await self.is_open.wait()


@asynccontextmanager
async def a_courier(
    database: Database,
    channels: Mapping[str, Channel],
    *,
    clock: Clock,
    metrics: NotifyMetrics,
    lease_s: float = LEASE_S,
) -> AsyncIterator[Courier]:
    """A courier at work, wired as an instance of notify wires its own."""
    endings: GroupCommit[Ending, None] = GroupCommit(partial(settle, database, clock, new_id), limit=200)
    courier = Courier(
        claim=partial(claim_due, database, clock, lease_s),
        endings=endings,
        channels=channels,
        metrics=metrics,
        now=clock,
        lease_s=lease_s,
        max_tries=MAX_TRIES,
    )
    async with at_work(courier, endings):
        yield courier


@asynccontextmanager
async def at_work(courier: Courier, endings: GroupCommit[Ending, None]) -> AsyncIterator[None]:
    """Run a courier and what writes down its endings."""
    tasks = [asyncio.create_task(courier.run()), asyncio.create_task(endings.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
