"""Does a courier keep within its bounds, and go on when the database does not answer?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import structlog
from structlog.testing import LogCapture, capture_logs

from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.trail import add_correlation
from notify.deliveries import Claim, Ending, Room
from notify.delivery import CLAIM_LIMIT, MAX_IN_FLIGHT, Courier
from notify.metrics import NotifyMetrics
from tests.builders import NOW
from tests.notify.builders import a_delivery
from tests.notify.destinations import Destination, Waiting, at_work
from tests.polling import until

OUTAGES = 2


class Queue:
    """Deliveries that are due, and the endings that were written down, after so many failures each."""

    def __init__(self, number: int, *, claim_failures: int = 0, write_failures: Sequence[Exception] = ()) -> None:
        self.asked: list[int] = []
        self.endings: list[Ending] = []
        self.due = [a_delivery(channel="log") for _ in range(number)]
        self._claim_failures = claim_failures
        self._write_failures = list(write_failures)

    async def claim(self, room: Room) -> Claim:
        self.asked.append(room.now)
        if len(self.asked) <= self._claim_failures:
            raise OSError("the database is away")
        taken, self.due = self.due[: room.now], self.due[room.now :]
        return Claim(taken, share=room.for_each)

    async def settle(self, endings: Sequence[Ending]) -> Sequence[None]:
        if self._write_failures:
            raise self._write_failures.pop()
        self.endings.extend(endings)
        return [None] * len(endings)


def work_on(
    queue: Queue, channel: Destination, metrics: NotifyMetrics
) -> tuple[Courier, AbstractAsyncContextManager[None]]:
    endings: GroupCommit[Ending, None] = GroupCommit(queue.settle, limit=200)
    courier = Courier(
        claim=queue.claim,
        endings=endings,
        channels={"log": channel},
        metrics=metrics,
        now=lambda: NOW,
        lease_s=60.0,
        max_tries=3,
    )
    return courier, at_work(courier, endings)


def delivered(metrics: NotifyMetrics) -> float:
    return float(metrics.deliveries.labels("log", "delivered")._value.get())


async def settled(is_so: Callable[[], bool], what: str) -> None:
    async def holds() -> bool:
        return is_so()

    await until(holds, what)


async def test_no_more_is_in_flight_than_the_bound_and_all_of_it_arrives(metrics: NotifyMetrics) -> None:
    queue, log = Queue(1_234), Waiting()
    courier, running = work_on(queue, log, metrics)

    async with running:
        await settled(lambda: len(log.sent) >= MAX_IN_FLIGHT, "as much as there is room for is in flight")
        courier.wake()
        await asyncio.sleep(0)
        asked_full, sent_full = len(queue.asked), len(log.sent)
        log.is_open.set()
        await settled(lambda: len(queue.endings) == 1_234, "everything has arrived")

    assert sent_full == MAX_IN_FLIGHT
    assert queue.asked[:asked_full] == [200, 200, 100]
    assert max(queue.asked) <= CLAIM_LIMIT
    assert len({ending.delivery.id for ending in queue.endings}) == 1_234


async def test_a_courier_takes_up_its_work_when_the_database_is_back(metrics: NotifyMetrics) -> None:
    queue, log = Queue(3, claim_failures=OUTAGES), Destination()
    _, running = work_on(queue, log, metrics)

    with capture_logs() as logs:
        async with running:
            await settled(lambda: len(queue.endings) == 3, "everything has arrived")

    assert [line["event"] for line in logs].count("delivery.claim_failed") == OUTAGES


async def test_an_ending_is_written_down_when_the_database_is_back(metrics: NotifyMetrics) -> None:
    queue, log = Queue(1, write_failures=[OSError("the database is away")]), Destination()
    _, running = work_on(queue, log, metrics)

    async with running:
        await settled(lambda: delivered(metrics) == 1, "it is written down")

    assert [ending.delivery.id for ending in queue.endings] == log.ids


async def test_an_ending_that_cannot_be_written_down_is_logged_and_not_counted(metrics: NotifyMetrics) -> None:
    queue, log = Queue(1, write_failures=[ValueError("a bug")] * 2), Destination()
    _, running = work_on(queue, log, metrics)

    with capture_logs() as logs:
        async with running:
            await settled(lambda: "delivery.not_written_down" in [line["event"] for line in logs], "it is logged")

    assert (queue.endings, delivered(metrics)) == ([], 0)


async def test_what_is_logged_of_a_delivery_carries_its_correlation_id(metrics: NotifyMetrics) -> None:
    queue, log = Queue(2), Destination(refusals=2)
    names = ["order-1", "order-2"]
    queue.due = [a_delivery(channel="log", tries=3, correlation_id=name) for name in names]
    _, running = work_on(queue, log, metrics)
    lines = LogCapture()

    structlog.configure(processors=[add_correlation, lines])
    async with running:
        await settled(lambda: len(queue.endings) == 2, "both have failed")
    structlog.reset_defaults()

    failed = [line["correlation_id"] for line in lines.entries if line["event"] == "delivery.failed"]
    assert sorted(failed) == names
