"""How long are alerts and their deliveries kept?"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from lamplight_chassis.clock import Clock
from lamplight_chassis.database import Database

FORGET_ALERTS = 1_000

# The oldest are the first by position, so a young table costs one look at so many. The newest alert stays: its position
# is where those begin who listen from now on.
_FORGET = text(
    "WITH oldest AS (SELECT id, created_at FROM alerts WHERE position < (SELECT max(position) FROM alerts) "
    "ORDER BY position LIMIT :alerts), "
    "over AS (SELECT id FROM oldest WHERE created_at < :before AND NOT EXISTS (SELECT FROM deliveries d "
    "WHERE d.alert_id = oldest.id AND (d.state = 'pending' OR d.finished_at >= :before))), "
    "gone AS (DELETE FROM deliveries WHERE alert_id IN (SELECT id FROM over) AND state <> 'pending') "
    "DELETE FROM alerts WHERE id IN (SELECT id FROM over)"
)


async def forget_old_alerts(database: Database, now: Clock, keep_days: int) -> None:
    """Delete alerts past their time with all their deliveries, in short transactions; what is pending stays."""
    before = now() - timedelta(days=keep_days)
    deleted = FORGET_ALERTS
    while deleted == FORGET_ALERTS:
        async with database.transaction() as work:
            values = {"before": before, "alerts": FORGET_ALERTS}
            deleted = (await work.connection.execute(_FORGET, values)).rowcount
