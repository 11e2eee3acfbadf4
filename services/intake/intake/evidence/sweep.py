"""Which photos does nothing name, and who takes them away?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from intake.evidence.objects import Objects
from intake.evidence.store import take_unnamed_photos, unknown_names
from lamplight_chassis.clock import Clock
from lamplight_chassis.database import Database

log = structlog.get_logger()

LEAST_GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run took away: photos without a name, objects without a row, files that were never finished."""

    unnamed: int
    strays: int
    half_written: int


class Sweep:
    """Deletes what a killed process, or a client that went away, left behind; any number of instances may run it.

    Arguments:
        grace: how long a photo may wait for its report. What is younger is never touched.
        limit: how many photos one run deletes, and after how many it stops looking for more in the store.
    """

    def __init__(
        self,
        *,
        database: Database,
        objects: Objects,
        now: Clock,
        grace: timedelta = timedelta(hours=1),
        limit: int = 200,
    ) -> None:
        if grace < LEAST_GRACE:
            raise ValueError(
                f"grace: must be at least {LEAST_GRACE}, for as long does it take to keep a photo at worst"
            )
        self._database = database
        self._objects = objects
        self._now = now
        self._grace = grace
        self._limit = limit
        self._seen_shard = ""

    async def run_once(self) -> Swept:
        """Take away what is due, a bounded part of it; for `Service.add_chore`."""
        before = self._now() - self._grace
        unnamed = await self._take_unnamed(before)
        strays, half_written = await self._look_around(before)
        swept = Swept(unnamed, strays, half_written)
        if swept != Swept(0, 0, 0):
            log.info("evidence.swept", unnamed=unnamed, strays=strays, half_written=half_written)
        return swept

    async def _take_unnamed(self, before: datetime) -> int:
        async with self._database.transaction() as work:
            hashes = await take_unnamed_photos(work, before=before, limit=self._limit)
            for sha256 in hashes:
                await self._objects.remove(sha256)
        return len(hashes)

    async def _look_around(self, before: datetime) -> tuple[int, int]:
        """Walk through the store from where the last run stopped, a shard at least, once around at most."""
        shards = await self._objects.shards()
        ahead = [shard for shard in shards if shard > self._seen_shard]
        looked = strays = half_written = 0
        for shard in [*ahead, *shards[: len(shards) - len(ahead)]]:
            names = await self._objects.older_than(before, shard=shard)
            strays += await self._take_strays(names)
            half_written += await self._objects.clear_half_written(before, shard=shard)
            self._seen_shard = shard
            looked += len(names)
            if looked >= self._limit:
                break
        return strays, half_written

    async def _take_strays(self, names: Sequence[str]) -> int:
        """Objects that were written before their row was lost, as by a database restored from yesterday's copy."""
        taken = 0
        for start in range(0, len(names), self._limit):
            async with self._database.transaction() as work:
                strays = await unknown_names(work, names[start : start + self._limit])
                for sha256 in strays:
                    await self._objects.remove(sha256)
            taken += len(strays)
            if taken >= self._limit:
                break
        return taken
