"""How do all values get under the newest key, and when may an old key be thrown away?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from intake.vault.keys import VaultKeys
from intake.vault.sealing import CannotOpen, Entry, open_entry, seal
from intake.vault.store import ENTRY_COLUMNS, to_entry
from lamplight_chassis.database import Database

log = structlog.get_logger()

BATCH_ROWS = 500
FIRST_ID = UUID(int=0)

_OLD = text(
    f"SELECT {ENTRY_COLUMNS} FROM vault_entries WHERE key_id IS NOT NULL "
    "AND NOT key_id = ANY(CAST(:current AS text[])) AND id > :after ORDER BY id LIMIT :rows FOR UPDATE SKIP LOCKED"
)
_RESEAL = text(
    "UPDATE vault_entries e SET key_id = n.key_id, nonce = n.nonce, ciphertext = n.ciphertext FROM unnest("
    "CAST(:ids AS uuid[]), CAST(:key_ids AS text[]), CAST(:nonces AS bytea[]), CAST(:ciphertexts AS bytea[])"
    ") AS n (id, key_id, nonce, ciphertext) WHERE e.id = n.id"
)
_USE = "SELECT key_id, count(*) AS entries FROM vault_entries WHERE key_id IS NOT NULL GROUP BY key_id ORDER BY key_id"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What one run did: how many values are under the newest key now, and which entries could not be opened."""

    resealed: int
    damaged: Sequence[UUID]


async def rotate(database: Database, keys: VaultKeys, *, batch_rows: int = BATCH_ROWS) -> Rotation:
    """Lock everything anew that is not under a current key, batch by batch, each in its own transaction.

    A run that is interrupted has done its batches; the next one finds the rest. An entry that does not open is left as
    it is and named.
    """
    resealed, damaged, after = 0, [], FIRST_ID
    while True:
        async with database.transaction() as work:
            entries = await _old_entries(work.connection, keys, after=after, rows=batch_rows)
            fresh, broken = _resealed(keys, entries)
            await _save(work.connection, fresh)
        resealed += len(fresh)
        damaged += broken
        if len(entries) < batch_rows:
            break
        after = entries[-1].id
    if resealed or damaged:
        log.info("vault.keys_rotated", entries=resealed, damaged=len(damaged))
    return Rotation(resealed, damaged)


async def entries_per_key(database: Database) -> Mapping[str, int]:
    """How many entries each key still locks; a key that is not named here may be dropped."""
    return {row["key_id"]: row["entries"] for row in await database.fetch(_USE)}


async def entries_under_key(database: Database, key_id: str) -> int:
    """How many entries would be lost with a key: drop it only at 0."""
    return (await entries_per_key(database)).get(key_id, 0)


async def missing_keys(database: Database, keys: VaultKeys) -> Set[str]:
    """Keys that lock entries but are not there: whoever dropped them must bring them back."""
    return set(await entries_per_key(database)) - keys.ids


async def _old_entries(connection: AsyncConnection, keys: VaultKeys, *, after: UUID, rows: int) -> Sequence[Entry]:
    values = {"current": sorted(keys.current_ids), "after": after, "rows": rows}
    return [to_entry(row._mapping) for row in await connection.execute(_OLD, values)]


def _resealed(keys: VaultKeys, entries: Sequence[Entry]) -> tuple[list[Entry], list[UUID]]:
    fresh, broken = [], []
    for entry in entries:
        try:
            value = open_entry(keys, entry)
        except CannotOpen:
            broken.append(entry.id)
            continue
        if value is not None:
            sealed = seal(keys, value, entry_id=entry.id, owner_id=entry.owner_id, party=entry.party)
            fresh.append(replace(entry, sealed=sealed))
    return fresh, broken


async def _save(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    sealed = [(entry.id, entry.sealed) for entry in entries if entry.sealed is not None]
    values = {
        "ids": [entry_id for entry_id, _ in sealed],
        "key_ids": [seal.key_id for _, seal in sealed],
        "nonces": [seal.nonce for _, seal in sealed],
        "ciphertexts": [seal.ciphertext for _, seal in sealed],
    }
    await connection.execute(_RESEAL, values)
