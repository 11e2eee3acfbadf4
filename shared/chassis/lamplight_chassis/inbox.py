"""Was this event handled before?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, Table, Uuid, func, text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Claims:
    """Which event ids are new, and which were used before for another content."""

    fresh: frozenset[UUID]
    conflicting: frozenset[UUID]


def inbox_table(metadata: MetaData) -> Table:
    """Declare the inbox in a service's metadata: one row per event that took effect here."""
    table = Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("digest", BigInteger, nullable=False),
        Column("claimed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    Index("inbox_claimed_at", table.c.claimed_at, postgresql_using="brin")
    return table


_CLAIM = text(
    "INSERT INTO inbox (event_id, digest) SELECT event_id, digest FROM unnest(CAST(:ids AS uuid[]), "
    "CAST(:digests AS bigint[])) AS c (event_id, digest) ORDER BY event_id ON CONFLICT DO NOTHING RETURNING event_id"
)
_RELEASE = text("DELETE FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[]))")
_KNOWN = text("SELECT event_id, digest FROM inbox WHERE event_id = ANY(CAST(:ids AS uuid[]))")


def digest_of(content: bytes) -> int:
    """64 bits of BLAKE2b as a signed number: tells a redelivery from an id that was used twice."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), signed=True)


async def claim_events(connection: AsyncConnection, digests: Mapping[UUID, int]) -> Claims:
    """Claim event ids in the caller's transaction, in id order so that two instances cannot deadlock.

    Waits for another instance that is just claiming one of the ids, and then tells it as handled.
    """
    if not digests:
        return Claims(frozenset(), frozenset())
    ids = list(digests)
    claimed = await connection.execute(_CLAIM, {"ids": ids, "digests": [digests[event_id] for event_id in ids]})
    fresh = frozenset(claimed.scalars())
    if len(fresh) == len(ids):
        return Claims(fresh, frozenset())
    known = await connection.execute(_KNOWN, {"ids": [event_id for event_id in ids if event_id not in fresh]})
    return Claims(fresh, frozenset(row.event_id for row in known if row.digest != digests[row.event_id]))


async def release_events(connection: AsyncConnection, event_ids: Sequence[UUID]) -> None:
    """Give claims back: an event that was refused had no effect, and may come again once its cause is mended."""
    if event_ids:
        await connection.execute(_RELEASE, {"ids": list(event_ids)})
