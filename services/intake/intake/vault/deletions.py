"""What is deleted when its time is over, in short steps, and what is written down of it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from intake.vault.retention import Remainder, Retention, RetentionRule
from intake.vault.standing import ENDED
from lamplight_chassis.database import Database

log = structlog.get_logger()

BATCH_ROWS = 500
WITHDRAWN, ON_REQUEST = "consent_withdrawn", "on_request"

# A job never waits: rows that somebody else holds, another job among them, are for the next time. A case that is
# being reopened in this moment keeps its entries, because its row is looked at again once it is locked.
_UNSEEN = "FOR UPDATE OF e SKIP LOCKED FOR SHARE OF s SKIP LOCKED"
_DUE = text(
    "SELECT e.id FROM vault_entries e JOIN case_status s ON s.case_id = e.case_id "
    "WHERE e.party = :party AND e.kind = :kind AND e.emptied_at IS NULL AND e.kept_at < :before "
    f"AND s.state = ANY(CAST(:ended AS text[])) AND s.changed_at < :before LIMIT :rows {_UNSEEN}"
)
_LOCKED = text(
    "SELECT e.id FROM vault_entries e JOIN case_status s ON s.case_id = e.case_id "
    f"WHERE e.locked_at IS NOT NULL AND s.state = ANY(CAST(:ended AS text[])) LIMIT :rows {_UNSEEN}"
)
_REGISTER = (
    "INSERT INTO vault_deletions (entry_id, party, kind, rule, remainder, deleted_at) "
    "SELECT id, party, kind, :rule, :remainder, :at FROM gone"
)
_DELETE = text(
    "WITH gone AS (DELETE FROM vault_entries WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING id, party, kind) "
    + _REGISTER
)
_EMPTY = text(
    "WITH gone AS (UPDATE vault_entries SET key_id = NULL, nonce = NULL, ciphertext = NULL, emptied_at = :at "
    "WHERE id = ANY(CAST(:ids AS uuid[])) RETURNING id, party, kind) " + _REGISTER
)


async def delete_due(
    database: Database, rules: Retention, *, at: datetime, batch_rows: int = BATCH_ROWS
) -> Mapping[str, int]:
    """Delete whatever is past its time and not needed by an open case; several jobs may run at once.

    Returns:
        how many entries each rule took, without those that took none.
    """
    found = {rule.id: await _by_rule(database, rule, at=at, batch_rows=batch_rows) for rule in rules.values()}
    found[WITHDRAWN] = await _withdrawn(database, at=at, batch_rows=batch_rows)
    counts = {rule: count for rule, count in found.items() if count}
    if counts:
        log.info("vault.entries_deleted", counts=counts)
    return counts


async def delete_entries(connection: AsyncConnection, ids: Sequence[UUID], *, rule: str, at: datetime) -> None:
    """Delete entries and register it, in the caller's transaction."""
    values = {"ids": ids, "rule": rule, "remainder": Remainder.NOTHING, "at": at}
    await connection.execute(_DELETE, values)


async def _by_rule(database: Database, rule: RetentionRule, *, at: datetime, batch_rows: int) -> int:
    due = {"party": rule.party, "kind": rule.kind, "before": at - rule.keep}
    act = _EMPTY if rule.then is Remainder.HASH else _DELETE
    return await _in_batches(
        database, _DUE, due, act, {"rule": rule.id, "remainder": rule.then, "at": at}, batch_rows=batch_rows
    )


async def _withdrawn(database: Database, *, at: datetime, batch_rows: int) -> int:
    register = {"rule": WITHDRAWN, "remainder": Remainder.NOTHING, "at": at}
    return await _in_batches(database, _LOCKED, {}, _DELETE, register, batch_rows=batch_rows)


async def _in_batches(
    database: Database,
    due: TextClause,
    which: Mapping[str, Any],
    act: TextClause,
    register: Mapping[str, Any],
    *,
    batch_rows: int,
) -> int:
    total, taken = 0, batch_rows
    while taken == batch_rows:
        async with database.transaction() as work:
            picked = await work.connection.execute(due, {**which, "ended": sorted(ENDED), "rows": batch_rows})
            ids = list(picked.scalars())
            await work.connection.execute(act, {**register, "ids": ids})
        taken = len(ids)
        total += taken
    return total
