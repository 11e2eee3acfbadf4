"""Do the queue tables stay small, and is it seen when they do not?"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from lamplight_chassis.database import Database
from lamplight_chassis.housekeeping import PRUNE_ROWS, look_at_queues, prune
from lamplight_chassis.metrics import ChassisMetrics
from tests.chassis.parts import Outgoing, rows_of

KEEP = {"inbox": 31, "idempotency": 31}
AGED = {
    "inbox": "INSERT INTO inbox (event_id, digest, claimed_at) SELECT gen_random_uuid(), 1, "
    "now() - make_interval(days => :days) FROM generate_series(1, :count)",
    "idempotency": "INSERT INTO idempotency (key, digest, status, body, created_at) SELECT gen_random_uuid()::text, 1, "
    "200, '', now() - make_interval(days => :days) FROM generate_series(1, :count)",
}


async def add(database: Database, table: str, *, days: int, count: int) -> None:
    async with database.transaction() as work:
        await work.connection.execute(text(AGED[table]), {"days": days, "count": count})


async def count(database: Database, table: str) -> int:
    [row] = await rows_of(database, f"SELECT count(*) AS rows FROM {table}")
    return int(row.rows)


@pytest.mark.parametrize("table", KEEP)
async def test_what_is_past_its_time_is_deleted_and_the_rest_is_kept(database: Database, table: str) -> None:
    await add(database, table, days=32, count=3)
    await add(database, table, days=30, count=2)

    await prune(database, KEEP)

    assert await count(database, table) == 2


async def test_more_than_one_transaction_may_delete_goes_all_the_same(database: Database) -> None:
    await add(database, "inbox", days=40, count=PRUNE_ROWS + 100)

    await prune(database, KEEP)

    assert await count(database, "inbox") == 0


async def test_waiting_and_parked_events_are_counted_apart(database: Database, metrics: ChassisMetrics) -> None:
    async with database.transaction() as work:
        for _ in range(3):
            work.emit(Outgoing())
    async with database.transaction() as work:
        await work.connection.execute(text("UPDATE outbox SET created_at = now() - interval '90 s' WHERE id < 3"))
        await work.connection.execute(text("UPDATE outbox SET parked_reason = 'too large' WHERE id = 1"))

    await look_at_queues(database, metrics)

    values = metrics.registry.get_sample_value
    assert (values("outbox_rows"), values("outbox_parked_rows")) == (2, 1)
    assert 90 <= (values("outbox_oldest_seconds") or 0) < 100


async def test_an_empty_outbox_has_no_age(database: Database, metrics: ChassisMetrics) -> None:
    await look_at_queues(database, metrics)

    values = metrics.registry.get_sample_value
    assert (values("outbox_rows"), values("outbox_oldest_seconds")) == (0, 0)
