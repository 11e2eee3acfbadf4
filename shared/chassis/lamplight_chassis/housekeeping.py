"""How long do the queue tables keep what they no longer need, and how full are they?"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from lamplight_chassis.database import Database
from lamplight_chassis.metrics import ChassisMetrics

PRUNE_ROWS = 5_000

_BACKLOG = (
    "SELECT count(*) FILTER (WHERE parked_reason IS NULL) AS waiting, count(parked_reason) AS parked, "
    "coalesce(extract(epoch FROM "
    "clock_timestamp() - min(created_at) FILTER (WHERE parked_reason IS NULL)), 0) AS age_s FROM outbox"
)
# The pruned tables name their age differently; both columns carry a BRIN index, so a young table costs one look.
_PRUNE = {
    "inbox": text(
        "DELETE FROM inbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox "
        "WHERE claimed_at < now() - make_interval(days => :days) LIMIT :rows))"
    ),
    "idempotency": text(
        "DELETE FROM idempotency WHERE ctid = ANY(ARRAY(SELECT ctid FROM idempotency "
        "WHERE created_at < now() - make_interval(days => :days) LIMIT :rows))"
    ),
}


async def look_at_queues(database: Database, metrics: ChassisMetrics) -> None:
    """Publish how much waits in the outbox and for how long."""
    [row] = await database.fetch(_BACKLOG)
    metrics.outbox_rows.set(row["waiting"])
    metrics.outbox_parked_rows.set(row["parked"])
    metrics.outbox_oldest_seconds.set(float(row["age_s"]))


async def prune(database: Database, keep_days: Mapping[str, int]) -> None:
    """Delete the rows past their time, in short transactions."""
    for table, days in keep_days.items():
        deleted = PRUNE_ROWS
        while deleted == PRUNE_ROWS:
            async with database.transaction() as work:
                deleted = (await work.connection.execute(_PRUNE[table], {"days": days, "rows": PRUNE_ROWS})).rowcount
