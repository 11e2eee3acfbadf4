"""Does every listener see every alert after its position once and in order, whoever commits when?"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from notify import stream as stream_module
from notify.metrics import NotifyMetrics
from notify.store import StoredAlert, alerts_after, last_position, save_alerts
from notify.stream import PAGE, REMEMBERED, AlertStream, newer_than
from tests.notify.builders import an_alert, store
from tests.polling import until
from tests.services import a_database, fetch

WITHIN_S = 20.0
WAITING_FOR_POSITIONS = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
async def stream(database: Database, metrics: NotifyMetrics) -> AsyncIterator[AlertStream]:
    """A stream at work."""
    stream = AlertStream(database, metrics)
    running = asyncio.create_task(stream.run())
    yield stream
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def take(pages: AsyncIterator[Sequence[StoredAlert]], number: int) -> list[StoredAlert]:
    """Read on until so many alerts have come."""
    taken: list[StoredAlert] = []
    async with asyncio.timeout(WITHIN_S):
        while len(taken) < number:
            taken += await anext(pages)
    return taken


def positions(alerts: Sequence[StoredAlert]) -> list[int]:
    return [alert.position for alert in alerts]


def listeners(metrics: NotifyMetrics) -> float:
    return float(metrics.streams._value.get())


async def all_positions(database: Database) -> list[int]:
    return [row["position"] for row in await database.fetch("SELECT position FROM alerts ORDER BY position")]


@pytest.mark.parametrize("after", [0, 3, 5])
async def test_a_listener_continues_after_its_position(database: Database, stream: AlertStream, after: int) -> None:
    await store(database, *(an_alert() for _ in range(5)))
    pages = stream.follow(after=after)

    async with asyncio.timeout(WITHIN_S):
        reading = asyncio.ensure_future(take(pages, 6 - after))
        await store(database, an_alert())
        taken = await reading

    assert positions(taken) == list(range(after + 1, 7))


async def test_a_listener_without_a_position_hears_what_comes_from_now_on(
    database: Database, stream: AlertStream, metrics: NotifyMetrics
) -> None:
    await store(database, an_alert(), an_alert())
    pages = stream.follow(after=await stream.begin_after(None))
    reading = asyncio.ensure_future(take(pages, 1))
    await until(lambda: is_true(listeners(metrics) == 1), "somebody listens")

    await store(database, later := an_alert())

    assert [alert.id for alert in await reading] == [later.id]


@pytest.mark.parametrize(("asked", "begins_after"), [(None, 2), (0, 0), (1, 1), (2, 2), (3, 2), (2**63 - 1, 2)])
async def test_a_listener_begins_where_it_asks_to_and_never_beyond_the_newest(
    database: Database, stream: AlertStream, asked: int | None, begins_after: int
) -> None:
    await store(database, an_alert(), an_alert())

    assert await stream.begin_after(asked) == begins_after


async def is_true(value: bool) -> bool:
    return value


async def test_a_listener_sees_an_alert_with_all_it_says(database: Database, stream: AlertStream) -> None:
    await store(database, alert := an_alert(text_zh="点亮 💡"))

    [seen] = await take(stream.follow(after=0), 1)

    shown = ("id", "case_id", "recipient", "kind", "category", "zone", "text_zh", "text_en", "created_at")
    assert {name: getattr(seen, name) for name in shown} == {name: getattr(alert, name) for name in shown}


async def test_nothing_is_lost_when_listening_starts_while_an_alert_is_being_committed(
    database: Database, stream: AlertStream, metrics: NotifyMetrics
) -> None:
    for number in range(10):
        pages = stream.follow(after=await last_position(database))
        async with database.transaction() as work:
            await save_alerts(work, [alert := an_alert()], new_id=new_id)
            reading = asyncio.ensure_future(take(pages, 1))
            await until(lambda: is_true(listeners(metrics) == 1), "somebody listens")
            await asyncio.sleep(0.01 * number)

        assert [seen.id for seen in await reading] == [alert.id]
        await pages.aclose()  # type: ignore[attr-defined]


class Weighed:
    """An alert that counts how often its position is looked at."""

    looks = 0

    def __init__(self, position: int) -> None:
        self._position = position

    @property
    def position(self) -> int:
        Weighed.looks += 1
        return self._position


@pytest.mark.parametrize(("after", "newer"), [(0, 2_000), (1_997, 3), (1_999, 1), (2_000, 0), (9_999, 0)])
def test_what_is_remembered_costs_a_listener_what_is_new_to_it(after: int, newer: int) -> None:
    remembered: Any = deque(Weighed(position) for position in range(1, REMEMBERED + 1))
    Weighed.looks = 0

    found = newer_than(after, remembered)

    assert Weighed.looks <= newer + 1
    assert positions(found) == list(range(after + 1, REMEMBERED + 1))[-newer or REMEMBERED :]


async def test_nobody_waits_for_the_deliveries_of_another_only_for_its_positions(url: str, database: Database) -> None:
    made: list[UUID] = []

    def count_ids() -> UUID:
        made.append(new_id())
        return made[-1]

    async def save() -> None:
        async with database.transaction() as work:
            await save_alerts(work, [an_alert(), an_alert()], new_id=count_ids)

    async def is_waiting() -> bool:
        return bool(await fetch(url, WAITING_FOR_POSITIONS))

    async with a_database(url) as other, other.transaction() as holding:
        await save_alerts(holding, [an_alert()], new_id=new_id)
        saving = asyncio.create_task(save())
        await until(is_waiting, "the second transaction waits for its positions")
        made_meanwhile = len(made)
    await saving

    assert made_meanwhile == 2  # one delivery for each alert: the log that every fresh installation has


async def test_a_later_position_never_becomes_visible_before_an_earlier_one(url: str, database: Database) -> None:
    async def is_waiting() -> bool:
        return bool(await fetch(url, WAITING_FOR_POSITIONS))

    async with a_database(url) as other:
        async with database.transaction() as work:
            await save_alerts(work, [first := an_alert()], new_id=new_id)
            storing = asyncio.create_task(store(other, second := an_alert()))
            await until(is_waiting, "the second transaction waits for its positions")
            seen_meanwhile = await last_position(database)
        await storing

    assert seen_meanwhile == 0
    assert [alert.id for alert in await alerts_after(database, 0, limit=9)] == [first.id, second.id]


async def test_every_listener_sees_every_alert_of_many_writers_once_in_order(
    url: str, database: Database, stream: AlertStream
) -> None:
    writers, rounds = 4, 25

    async def write(target: Database) -> None:
        for _ in range(rounds):
            await store(target, an_alert(), an_alert())

    async with a_database(url) as other:
        writing = [asyncio.create_task(write(target)) for target in (database, other) * (writers // 2)]
        readers = []
        for _ in range(5):
            after = await last_position(database)
            reader = take(stream.follow(after=after), writers * rounds * 2 - after)
            readers.append((after, asyncio.create_task(reader)))
            await asyncio.sleep(0.02)
        await asyncio.gather(*writing)
        seen = [(after, positions(await reading)) for after, reading in readers]

    expected = await all_positions(database)
    assert len(expected) == writers * rounds * 2
    for after, found in seen:
        assert found == [position for position in expected if position > after]


async def test_a_listener_that_reads_slowly_misses_nothing_and_holds_nobody(
    database: Database, stream: AlertStream
) -> None:
    number = REMEMBERED + PAGE
    slow, quick = stream.follow(after=0), stream.follow(after=0)
    await store(database, an_alert())
    taken_slowly = await take(slow, 1)

    for _ in range(5):
        await store(database, *(an_alert() for _ in range(number // 5)))
    taken_quickly = await take(quick, number + 1)
    taken_slowly += await take(slow, number)

    assert positions(taken_slowly) == positions(taken_quickly) == await all_positions(database)


async def test_a_page_is_never_longer_than_the_limit_of_a_query(database: Database, stream: AlertStream) -> None:
    await store(database, *(an_alert() for _ in range(PAGE + 1)))
    pages = stream.follow(after=0)

    async with asyncio.timeout(WITHIN_S):
        sizes = [len(await anext(pages)) for _ in range(2)]

    assert sizes == [PAGE, 1]


async def test_a_listener_is_told_when_nothing_happens(stream: AlertStream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "QUIET_S", 0.05)
    pages = stream.follow(after=0)

    async with asyncio.timeout(WITHIN_S):
        quiet = [await anext(pages) for _ in range(2)]

    assert quiet == [(), ()]


async def test_a_listener_is_counted_until_it_leaves(
    stream: AlertStream, metrics: NotifyMetrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "QUIET_S", 0.05)
    pages = stream.follow(after=0)
    await anext(pages)
    counted = listeners(metrics)

    await pages.aclose()  # type: ignore[attr-defined]

    assert (counted, listeners(metrics)) == (1, 0)


async def test_a_listener_goes_on_after_the_table_could_not_be_read(
    url: str, database: Database, stream: AlertStream
) -> None:
    await store(database, an_alert())
    pages = stream.follow(after=0)
    await take(pages, 1)
    reading = asyncio.ensure_future(take(pages, 1))

    with capture_logs() as logs:
        await fetch(url, "ALTER TABLE alerts RENAME TO hidden")
        await until(lambda: is_true("stream.read_failed" in [line["event"] for line in logs]), "a read has failed")
        await fetch(url, "ALTER TABLE hidden RENAME TO alerts")
    await store(database, later := an_alert())

    assert [alert.id for alert in await reading] == [later.id]
