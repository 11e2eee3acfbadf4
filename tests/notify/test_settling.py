"""Is the end of a delivery written down and told once, whoever comes late?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from notify.deliveries import Delivery, Ending, Room, claim_due, settle
from tests.builders import NOW, StillClock
from tests.notify.builders import an_alert, store
from tests.outbox import told

LEASE_S = 30.0


async def claim(database: Database, clock: StillClock, *, limit: int = 100) -> Sequence[Delivery]:
    return (await claim_due(database, clock, LEASE_S, Room(limit, 500, limit, {}))).deliveries


async def end(database: Database, *endings: Ending) -> None:
    assert await settle(database, lambda: NOW, new_id, endings) == [None] * len(endings)


async def test_a_claimed_delivery_is_nobody_elses_until_its_lease_is_over(database: Database) -> None:
    clock = StillClock()
    await store(database, an_alert())
    [first] = await claim(database, clock)
    clock.pass_s(LEASE_S - 0.001)
    meanwhile = await claim(database, clock)
    clock.pass_s(0.001)

    [again] = await claim(database, clock)

    assert meanwhile == []
    assert (again.id, first.tries, again.tries) == (first.id, 1, 2)


async def test_what_is_not_due_yet_is_left(database: Database) -> None:
    await store(database, an_alert(created_at=NOW + timedelta(microseconds=1)))

    assert await claim(database, StillClock()) == []


async def test_no_more_is_claimed_than_was_asked_for_and_the_oldest_first(database: Database) -> None:
    alerts = [an_alert(created_at=NOW - timedelta(seconds=age)) for age in (1, 3, 2)]
    await store(database, *alerts)

    claimed = [delivery.alert_id for _ in range(2) for delivery in await claim(database, StillClock(), limit=2)]

    assert set(claimed[:2]) == {alerts[1].id, alerts[2].id}
    assert claimed[2:] == [alerts[0].id]


async def test_an_ending_that_comes_late_changes_nothing_and_is_not_told(url: str, database: Database) -> None:
    await store(database, an_alert())
    clock = StillClock()
    [slow] = await claim(database, clock)
    clock.pass_s(LEASE_S)
    [quick] = await claim(database, clock)
    await end(database, Ending(quick, None, None))
    before = await database.fetch("SELECT * FROM deliveries")

    await end(database, Ending(slow, "too late", None))
    await end(database, Ending(slow, "too late", NOW))
    await end(database, Ending(quick, None, None))

    assert await database.fetch("SELECT * FROM deliveries") == before
    assert len(await told(url)) == 1


async def test_the_ending_of_a_delivery_that_was_forgotten_is_not_told(url: str, database: Database) -> None:
    await store(database, an_alert())
    [delivery] = await claim(database, StillClock())
    await database.fetch("DELETE FROM deliveries")

    await end(database, Ending(delivery, None, None))

    assert await told(url) == []


async def test_endings_of_one_round_do_not_mix(url: str, database: Database) -> None:
    await store(database, *(an_alert() for _ in range(3)))
    delivered, failed, again = await claim(database, StillClock())

    await end(database, Ending(delivered, None, None), Ending(failed, "no", None), Ending(again, "not yet", NOW))

    rows = {row["id"]: row for row in await database.fetch("SELECT * FROM deliveries")}
    assert [(rows[one.id]["state"], rows[one.id]["last_error"]) for one in (delivered, failed, again)] == [
        ("delivered", None),
        ("failed", "no"),
        ("pending", "not yet"),
    ]
    assert rows[again.id]["due_at"] == NOW
    assert len(await told(url)) == 2
