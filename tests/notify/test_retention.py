"""Are alerts forgotten with their deliveries when their time is over, and never while one of them is pending?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lamplight_chassis.database import Database
from notify import retention
from notify.alerts import Alert
from notify.retention import forget_old_alerts
from tests.builders import NOW
from tests.notify.builders import an_alert, store
from tests.polling import until
from tests.services import an_app, fetch

KEEP_DAYS = 90
OLD = NOW - timedelta(days=KEEP_DAYS, seconds=1)
YOUNG = NOW - timedelta(days=KEEP_DAYS)


async def add(database: Database, created_at: datetime, *, state: str = "delivered") -> Alert:
    """An alert whose delivery ended, if it did, when it was made."""
    await store(database, alert := an_alert(created_at=created_at))
    await database.fetch(
        "UPDATE deliveries SET state = $2, finished_at = CASE WHEN $2 = 'pending' THEN NULL ELSE due_at END "
        "WHERE alert_id = $1",
        alert.id,
        state,
    )
    return alert


async def kept(database: Database) -> tuple[list[object], list[object]]:
    """The alerts that are there, and the alerts that deliveries are there for, oldest first."""
    alerts = await database.fetch("SELECT id FROM alerts ORDER BY position")
    deliveries = await database.fetch("SELECT alert_id FROM deliveries ORDER BY id")
    return [row["id"] for row in alerts], [row["alert_id"] for row in deliveries]


async def test_what_is_past_its_time_is_forgotten_with_its_deliveries_and_the_rest_is_kept(database: Database) -> None:
    for state in ("delivered", "failed"):
        await add(database, OLD, state=state)
    young, newest = await add(database, YOUNG), await add(database, NOW)

    await forget_old_alerts(database, lambda: NOW, KEEP_DAYS)

    assert await kept(database) == ([young.id, newest.id], [young.id, newest.id])


async def test_what_is_pending_is_kept_however_old_it_is(database: Database) -> None:
    pending, _, newest = [await add(database, OLD, state=state) for state in ("pending", "failed", "delivered")]

    await forget_old_alerts(database, lambda: NOW, KEEP_DAYS)

    assert await kept(database) == ([pending.id, newest.id], [pending.id, newest.id])


async def test_an_old_alert_is_kept_while_the_end_of_one_of_its_deliveries_is_young(database: Database) -> None:
    alert, newest = await add(database, OLD), await add(database, OLD)
    await database.fetch("UPDATE deliveries SET finished_at = $1 WHERE alert_id = $2", YOUNG, alert.id)

    await forget_old_alerts(database, lambda: NOW, KEEP_DAYS)

    assert await kept(database) == ([alert.id, newest.id], [alert.id, newest.id])


async def test_the_newest_alert_is_kept_so_that_positions_are_still_known(database: Database) -> None:
    newest = [await add(database, OLD) for _ in range(3)][-1]

    await forget_old_alerts(database, lambda: NOW, KEEP_DAYS)

    assert (await kept(database))[0] == [newest.id]


async def test_an_alert_that_nobody_asked_for_is_forgotten_too(url: str, database: Database) -> None:
    await fetch(url, "DELETE FROM subscriptions")
    await store(database, an_alert(created_at=OLD), newest := an_alert(created_at=OLD))

    await forget_old_alerts(database, lambda: NOW, KEEP_DAYS)

    assert await kept(database) == ([newest.id], [])


async def test_more_than_one_transaction_may_delete_goes_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "FORGET_ALERTS", 2)
    alerts = [await add(database, OLD) for _ in range(6)]

    await forget_old_alerts(database, lambda: NOW, KEEP_DAYS)

    assert (await kept(database))[0] == [alerts[-1].id]


async def test_an_instance_forgets_by_itself_after_the_days_of_its_setting(url: str, database: Database) -> None:
    await add(database, NOW - timedelta(days=8))
    newest = await add(database, NOW - timedelta(days=6))

    async def is_forgotten() -> bool:
        return (await kept(database))[0] == [newest.id]

    async with an_app("notify", url, alerts_keep_days=7):
        await until(is_forgotten, "the old alert is forgotten")
