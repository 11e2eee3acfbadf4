"""Does a destination that is slow or dead hold up its own deliveries only, however many of them are due?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from notify.deliveries import Delivery, Room, claim_due
from notify.delivery import MAX_IN_FLIGHT, MAX_PER_DESTINATION
from notify.metrics import NotifyMetrics
from tests.builders import NOW, StillClock
from tests.notify.builders import an_alert, store
from tests.notify.destinations import Destination, Waiting, a_courier
from tests.polling import until
from tests.services import fetch

DEAD, WELL = "unit:dead", "unit:well"
BACKLOG = 1_000
AT_ONCE_S = 3.0


async def subscribe(url: str, recipient: str, channel: str) -> UUID:
    """One destination of its own."""
    subscription_id = new_id()
    await fetch(
        url,
        "INSERT INTO subscriptions (id, recipient, kinds, channel, target, created_at) "
        "VALUES ($1, $2, '{}', $3, $3, $4)",
        subscription_id, recipient, channel, NOW,
    )  # fmt: skip
    return subscription_id


async def states(database: Database) -> Sequence[Any]:
    return await database.fetch("SELECT subscription_id, state, tries FROM deliveries ORDER BY due_at, id")


async def claim(database: Database, room: Room) -> Sequence[Delivery]:
    return (await claim_due(database, lambda: NOW, 30, room)).deliveries


async def test_a_destination_that_hangs_with_a_thousand_due_deliveries_does_not_delay_another(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    await fetch(url, "DELETE FROM subscriptions")
    for recipient, channel in ((DEAD, "hanging"), (WELL, "log")):
        await subscribe(url, recipient, channel)
    await store(database, *(an_alert(recipient=DEAD, created_at=NOW - timedelta(hours=1)) for _ in range(BACKLOG)))
    hanging, log = Waiting(), Destination()

    async with a_courier(database, {"hanging": hanging, "log": log}, clock=StillClock(), metrics=metrics):
        await until(lambda: is_so(len(hanging.sent) >= MAX_PER_DESTINATION), "the dead destination has all it may have")
        began_s = time.monotonic()
        await store(database, *(an_alert(recipient=WELL) for _ in range(300)))
        await until(lambda: is_so(len(log.sent) == 300), "the other has arrived", within_s=AT_ONCE_S)
        took_s = time.monotonic() - began_s
        sent_meanwhile = len(hanging.sent)

    assert took_s < AT_ONCE_S
    assert sent_meanwhile == MAX_PER_DESTINATION


async def is_so(value: bool) -> bool:
    return value


async def test_any_number_of_destinations_that_hang_leave_room_for_one_that_does_not(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    await fetch(url, "DELETE FROM subscriptions")
    for number in range(10):
        await subscribe(url, f"{DEAD}_{number}", "hanging")
        await store(database, *(an_alert(recipient=f"{DEAD}_{number}") for _ in range(MAX_PER_DESTINATION)))
    await subscribe(url, WELL, "log")
    hanging, log = Waiting(), Destination()

    async with a_courier(database, {"hanging": hanging, "log": log}, clock=StillClock(), metrics=metrics):
        await until(lambda: is_so(len(hanging.sent) >= 300), "the dead ones have much of the room")
        await store(database, *(an_alert(recipient=WELL, created_at=NOW) for _ in range(100)))
        await until(lambda: is_so(len(log.sent) == 100), "the other has arrived", within_s=AT_ONCE_S)

    assert len(hanging.sent) < MAX_IN_FLIGHT


async def test_what_a_destination_could_not_have_at_first_follows_as_soon_as_it_answers(
    url: str, database: Database, metrics: NotifyMetrics
) -> None:
    await store(database, *(an_alert() for _ in range(3 * MAX_PER_DESTINATION)))
    log = Waiting()

    async with a_courier(database, {"log": log}, clock=StillClock(), metrics=metrics):
        await until(lambda: is_so(len(log.sent) >= MAX_PER_DESTINATION), "it has all it may have")
        await asyncio.sleep(0.1)
        held_back = len(log.sent)
        log.is_open.set()
        await until(lambda: is_so(len(log.sent) == 3 * MAX_PER_DESTINATION), "everything has been sent")

    assert held_back == MAX_PER_DESTINATION
    assert len(set(log.ids)) == 3 * MAX_PER_DESTINATION


async def test_a_claim_takes_the_oldest_of_each_destination_and_no_more_than_it_may_have(
    url: str, database: Database
) -> None:
    await fetch(url, "DELETE FROM subscriptions")
    busy, idle = [await subscribe(url, name, "log") for name in (DEAD, WELL)]
    late = timedelta(seconds=1)
    await store(database, *(an_alert(recipient=DEAD, created_at=NOW - 9 * late) for _ in range(20)))
    await store(database, *(an_alert(recipient=WELL, created_at=NOW - number * late) for number in range(20)))

    taken = await claim(database, Room(100, 500, 7, {busy: 5}))

    assert [delivery.subscription_id for delivery in taken].count(busy) == 2
    oldest = [delivery.created_at for delivery in taken if delivery.subscription_id == idle]
    assert sorted(oldest) == [NOW - number * late for number in range(19, 12, -1)]
    assert len([row for row in await states(database) if row["tries"] == 1]) == len(taken) == 9


async def test_a_claim_takes_no_more_than_there_is_room_for_and_the_oldest_of_all(url: str, database: Database) -> None:
    await fetch(url, "DELETE FROM subscriptions")
    young, old = [await subscribe(url, name, "log") for name in (DEAD, WELL)]
    await store(database, *(an_alert(recipient=DEAD) for _ in range(9)))
    await store(database, *(an_alert(recipient=WELL, created_at=NOW - timedelta(minutes=1)) for _ in range(9)))

    taken = await claim(database, Room(10, 500, 100, {}))

    assert [delivery.subscription_id for delivery in taken] == [young, *[old] * 9]


async def test_a_claim_finds_nothing_where_nothing_is_due(database: Database) -> None:
    empty = await claim(database, Room(10, 500, 100, {new_id(): 3}))
    await store(database, an_alert(created_at=NOW + timedelta(seconds=1)))

    assert await claim(database, Room(10, 500, 100, {})) == empty == []


async def test_destinations_that_wait_share_what_there_is_and_leave_a_share(url: str, database: Database) -> None:
    await fetch(url, "DELETE FROM subscriptions")
    for number in range(4):
        await subscribe(url, f"{DEAD}_{number}", "log")
        await store(database, *(an_alert(recipient=f"{DEAD}_{number}") for _ in range(10)))

    taken = await claim(database, Room(100, 15, 100, {}))

    shares = Counter(delivery.subscription_id for delivery in taken)
    assert list(shares.values()) == [3] * 4
