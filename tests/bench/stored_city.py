"""Where do the benchmarks run? In a city with Kafka, PostgreSQL and three services, and many cases stored before."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

import lamplight_chassis.queue_tables
from deploy.city import SERVICES, City, Entry, Instance, own_entry, start_city
from deploy.local.whole_file import write_whole
from tests.bench import preload
from tests.bench.options import Say

FOLDER = Path("build/bench-data")
STAMP = "bench.json"
CASES = 100_000
# Each run leaves its own cases behind: past this share of them the store is not the one that was asked for.
MAX_GROWTH = 1.3
ROOT = Path(__file__).parents[2]
SETTINGS = {"NOTIFY_WEBHOOK_ALLOW_PRIVATE": "true", "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True, slots=True)
class StoredCity:
    """A running city, and how many cases were stored when it started."""

    city: City
    cases: int

    def dsn(self, service: str) -> str:
        """The address of a service's database."""
        return self.city.stack.database_url(service)

    @property
    def pids(self) -> Mapping[str, int]:
        """The processes whose CPU time is worth knowing, by name."""
        stack = self.city.stack
        services = {service: self.city.pid(Instance(service, 1)) for service in SERVICES}
        found = {**services, "Kafka": stack.kafka_pid, "PostgreSQL": stack.postgres_pid}
        return {name: pid for name, pid in found.items() if pid is not None}


@contextmanager
def stored_city(say: Say, *, entry: Entry = own_entry) -> Iterator[StoredCity]:
    """Start one instance of each service over `CASES` stored cases; everything is stopped at the end.

    The data folder is used again when it holds what this version would make, and made anew when not.
    """
    if _stamp_of(FOLDER) != _stamp():
        _discard(FOLDER, say)
    with start_city(FOLDER, environment=SETTINGS, entry=entry, say=say) as city:
        dsns = {service: city.stack.database_url(service) for service in SERVICES}
        if _stamp_of(FOLDER) is None:
            say(f"Storing {CASES:,} cases")
            asyncio.run(preload.preload(dsns, cases=CASES, newest_at=datetime.now(UTC)))
            write_whole(FOLDER / STAMP, json.dumps(_stamp()))
        cases = asyncio.run(_count_cases(dsns["dispatch"]))
        if cases > CASES * MAX_GROWTH:
            (FOLDER / STAMP).unlink()
        yield StoredCity(city, cases)


def _stamp() -> Mapping[str, object]:
    """What decides the content of the store: its size, the statements that fill it, and the tables they fill."""
    files = [Path(preload.__file__), Path(lamplight_chassis.queue_tables.__file__)]
    files += sorted(ROOT.glob("services/*/*/migrations/versions/*.py"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return {"cases": CASES, "digest": digest}


def _stamp_of(folder: Path) -> Mapping[str, object] | None:
    try:
        found: Mapping[str, object] = json.loads((folder / STAMP).read_bytes())
    except (OSError, ValueError):
        return None
    return found


def _discard(folder: Path, say: Say) -> None:
    if folder.exists():
        say(f"{folder} was made by another version: starting empty")
        shutil.rmtree(folder)


async def _count_cases(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM cases"))
    finally:
        await connection.close()
