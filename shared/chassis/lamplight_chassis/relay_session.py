"""How does one relay hold the outbox: the lock, the rows, and the wake-up on one connection of its own?"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from lamplight_chassis.database import CONNECT_TIMEOUT_S, KEEPALIVE, STATEMENT_TIMEOUT_S

LOCK_KEY = 0x6F7574626F78  # "outbox"; advisory locks are per database, and each service has its own
CHANNEL = "outbox"

_OLDEST = "SELECT id, topic, key, headers, value FROM outbox WHERE parked_reason IS NULL ORDER BY id LIMIT $1"
_OLDEST_BESIDE = """
    SELECT id, topic, key, headers, value FROM outbox AS waiting
    WHERE parked_reason IS NULL AND NOT EXISTS (
        SELECT FROM unnest($2::text[], $3::bytea[]) AS parked (topic, key)
        WHERE parked.topic = waiting.topic AND parked.key = waiting.key)
    ORDER BY id LIMIT $1"""
_PARKED_KEYS = "SELECT DISTINCT topic, key FROM outbox WHERE parked_reason IS NOT NULL"

# The table is empty one second and full the next, so statistics always lie: the order of ids is the only good plan.
PLANNING = {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off", "jit": "off"}
PARKED_KEYS_AGE_S = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """One event that waits for Kafka."""

    id: int
    topic: str
    key: bytes
    headers: str
    value: bytes | None


class RelaySession:
    """One database session: whoever loses it has lost the lock, and cannot delete a row any more."""

    def __init__(self, connection: asyncpg.Connection, woken: asyncio.Event) -> None:
        self._connection = connection
        self._woken = woken
        self._parked: Sequence[tuple[str, bytes]] = ()
        self._parked_read_s = -math.inf

    async def try_lock(self) -> bool:
        """Become the active relay of this database, or find that another one is."""
        return bool(await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY))

    async def listen(self) -> None:
        """Hear the calls of other instances; only the active relay does, else two that wait would call each other."""
        await self._connection.add_listener(CHANNEL, lambda *_: self._woken.set())

    async def oldest(self, limit: int) -> Sequence[Row]:
        """The oldest rows in id order, without those whose key is parked."""
        self._woken.clear()
        if time.monotonic() - self._parked_read_s > PARKED_KEYS_AGE_S:
            await self._read_parked_keys()
        if not self._parked:
            return [Row(*record) for record in await self._connection.fetch(_OLDEST, limit)]
        topics, keys = zip(*self._parked, strict=True)
        return [Row(*record) for record in await self._connection.fetch(_OLDEST_BESIDE, limit, topics, keys)]

    async def delete(self, ids: Sequence[int]) -> None:
        """Forget rows that Kafka has acknowledged."""
        await self._connection.execute("DELETE FROM outbox WHERE id = ANY($1::bigint[])", ids)

    async def park(self, row: Row, reason: str) -> None:
        """Keep a row that can never be sent, and with it everything later of its key."""
        await self._connection.execute("UPDATE outbox SET parked_reason = $2 WHERE id = $1", row.id, reason)
        await self._read_parked_keys()

    async def call_active(self) -> None:
        """Wake the active relay of another instance."""
        await self._connection.execute(f"NOTIFY {CHANNEL}")

    async def wait(self, timeout_s: float) -> bool:
        """Wait for news; True when woken, False after the timeout."""
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def _read_parked_keys(self) -> None:
        """Look again now and then: a person may have mended or removed a parked row."""
        self._parked = [(record["topic"], record["key"]) for record in await self._connection.fetch(_PARKED_KEYS)]
        self._parked_read_s = time.monotonic()


@asynccontextmanager
async def open_session(dsn: str, *, application_name: str, woken: asyncio.Event) -> AsyncIterator[RelaySession]:
    """Connect, and give everything back at the end, the lock included."""
    connection = await asyncpg.connect(
        dsn,
        timeout=CONNECT_TIMEOUT_S,
        command_timeout=STATEMENT_TIMEOUT_S,
        server_settings={"application_name": application_name, **PLANNING, **KEEPALIVE},
    )
    try:
        yield RelaySession(connection, woken)
    finally:
        connection.terminate()
