"""When are the alerts of a burst stored in notify, the last of them included?"""

from __future__ import annotations

import asyncio
import time

import asyncpg

STORED_WITHIN_S = 120.0
POLL_S = 0.02


async def last_position(dsn: str) -> int:
    """The position of the newest alert in the database at `dsn`."""
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT coalesce(max(position), 0) FROM alerts"))
    finally:
        await connection.close()


async def when_stored(dsn: str, *, after: int, alerts: int) -> float:
    """The moment on the monotonic clock at which so many alerts are stored behind a position.

    Raises:
        TimeoutError: some are still missing after two minutes.
    """
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(STORED_WITHIN_S):
            while True:
                if await connection.fetchval("SELECT count(*) FROM alerts WHERE position > $1", after) >= alerts:
                    return time.monotonic()
                await asyncio.sleep(POLL_S)
    finally:
        await connection.close()
