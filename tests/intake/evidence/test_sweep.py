"""Does the sweep take what nothing names, and never what a row names?"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from intake.evidence.album import Album
from intake.evidence.objects import Copy, Objects
from intake.evidence.store import add_evidence, forget_evidence
from intake.evidence.sweep import Sweep, Swept
from intake.evidence.uploads.receiving import Uploads
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from tests.builders import StillClock
from tests.intake.evidence.pictures import a_photo
from tests.intake.evidence.pieces import a_piece
from tests.services import fetch

COPIES = dict.fromkeys(Copy, b"bytes")
HOUR_S = 3600
NOTHING = Swept(0, 0, 0)


@pytest.fixture
def sweep(database: Database, objects: Objects, clock: StillClock) -> Sweep:
    return Sweep(database=database, objects=objects, now=clock)


def small(seed: int) -> bytes:
    return a_photo(seed, size=(64, 48))


async def report_with(database: Database, *hashes: str) -> UUID:
    pieces = [a_piece(sha256, report_id=UUID(int=5)) for sha256 in hashes]
    async with database.transaction() as work:
        await add_evidence(work, pieces)
    return UUID(int=5)


async def test_a_photo_without_a_report_goes_when_its_grace_is_over(
    album: Album, objects: Objects, sweep: Sweep, clock: StillClock, url: str
) -> None:
    photo = await album.keep(small(1))
    clock.pass_s(HOUR_S - 60)
    assert await sweep.run_once() == NOTHING

    clock.pass_s(120)

    assert await sweep.run_once() == Swept(1, 0, 0)
    assert not await objects.has(photo.sha256)
    assert await objects.shards() == []
    assert await fetch(url, "SELECT sha256 FROM photos") == []


async def test_what_a_report_names_stays_for_ever(
    album: Album, objects: Objects, sweep: Sweep, clock: StillClock, database: Database
) -> None:
    photo = await album.keep(small(1))
    await report_with(database, photo.sha256)
    clock.pass_s(1000 * HOUR_S)

    assert await sweep.run_once() == NOTHING

    assert await objects.get(photo.sha256, Copy.ORIGINAL) == small(1)


async def test_what_an_upload_names_stays_until_the_upload_is_forgotten(
    uploads: Uploads, objects: Objects, sweep: Sweep, clock: StillClock, url: str
) -> None:
    data = small(1)
    await uploads.create(len(data), expected_sha256=None, key=None)
    [row] = await fetch(url, "SELECT id FROM uploads")
    await uploads.append(row["id"], _once(data), offset=0, declared=None)
    photo = await uploads.photo_of(row["id"])
    clock.pass_s(23 * HOUR_S)
    assert await sweep.run_once() == NOTHING
    assert await objects.has(photo.sha256)

    clock.pass_s(26 * HOUR_S)
    await uploads.drop_expired()

    assert await sweep.run_once() == Swept(1, 0, 0)
    assert not await objects.has(photo.sha256)


async def test_a_photo_that_is_sent_again_starts_its_grace_anew(
    album: Album, objects: Objects, sweep: Sweep, clock: StillClock
) -> None:
    photo = await album.keep(small(1))
    clock.pass_s(2 * HOUR_S)
    await album.keep(small(1))

    assert await sweep.run_once() == NOTHING
    assert await objects.has(photo.sha256)


async def test_forgotten_evidence_is_swept(
    album: Album, objects: Objects, sweep: Sweep, clock: StillClock, database: Database
) -> None:
    photo = await album.keep(small(1))
    report_id = await report_with(database, photo.sha256)
    async with database.transaction() as work:
        await forget_evidence(work, [report_id])
    clock.pass_s(2 * HOUR_S)

    assert await sweep.run_once() == Swept(1, 0, 0)
    assert not await objects.has(photo.sha256)


@pytest.mark.parametrize("store", ["objects", "s3_objects"])
async def test_objects_without_any_row_go_when_they_are_old(
    request: pytest.FixtureRequest, store: str, database: Database, clock: StillClock
) -> None:
    objects: Objects = request.getfixturevalue(store)
    sweep = Sweep(database=database, objects=objects, now=clock)
    names = [f"{number:02x}{number:062x}" for number in range(5)]
    for name in names:
        await objects.put(name, COPIES)
    assert await sweep.run_once() == NOTHING

    clock.pass_s(2 * HOUR_S)

    assert await sweep.run_once() == Swept(0, 5, 0)
    assert await objects.shards() == []


async def test_files_that_a_kill_left_half_written_go_and_foreign_files_stay(
    objects: Objects, sweep: Sweep, tmp_path: Path
) -> None:
    name = "ab" + "0" * 62
    half = tmp_path / "evidence" / "ab" / name / "original#1"
    foreign = tmp_path / "evidence" / "ab" / "diary.txt"
    half.parent.mkdir(parents=True)
    for path in (half, foreign):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - 2 * HOUR_S,) * 2)

    assert await sweep.run_once() == Swept(0, 0, 1)
    assert (half.exists(), foreign.exists()) == (False, True)


async def test_one_run_takes_a_bounded_part_and_the_next_ones_the_rest(
    album: Album, objects: Objects, database: Database, clock: StillClock
) -> None:
    for seed in range(5):
        await album.keep(small(seed))
    clock.pass_s(2 * HOUR_S)
    sweep = Sweep(database=database, objects=objects, now=clock, limit=2)

    taken = [(await sweep.run_once()).unnamed for _ in range(4)]

    assert taken == [2, 2, 1, 0]
    assert await objects.shards() == []


async def test_a_walk_through_the_store_goes_on_where_the_last_one_stopped(
    objects: Objects, database: Database, clock: StillClock
) -> None:
    for number in range(6):
        await objects.put(f"{number:02x}{number:062x}", COPIES)
    clock.pass_s(2 * HOUR_S)
    sweep = Sweep(database=database, objects=objects, now=clock, limit=2)

    assert [(await sweep.run_once()).strays for _ in range(4)] == [2, 2, 2, 0]


async def test_a_report_and_a_sweep_at_once_never_leave_evidence_without_its_photo(
    album: Album, objects: Objects, database: Database, clock: StillClock, url: str
) -> None:
    photos = [await album.keep(small(seed)) for seed in range(12)]
    clock.pass_s(2 * HOUR_S)
    sweeps = [Sweep(database=database, objects=objects, now=clock, limit=3) for _ in range(4)]

    async def report(sha256: str) -> None:
        await asyncio.sleep(0.002 * int(sha256[0], 16))
        async with database.transaction() as work:
            await add_evidence(work, [a_piece(sha256)])

    ended = await asyncio.gather(
        *(report(photo.sha256) for photo in photos), *(sweep.run_once() for sweep in sweeps), return_exceptions=True
    )

    assert {error.reason for error in ended if isinstance(error, Rejected)} <= {"photo_gone"}
    assert not [error for error in ended if isinstance(error, BaseException) and not isinstance(error, Rejected)]
    for row in await fetch(url, "SELECT sha256 FROM evidence"):
        assert await objects.has(row["sha256"])


async def test_a_photo_being_sent_and_a_sweep_at_once_never_lose_it(
    album: Album, objects: Objects, database: Database, clock: StillClock, sweep: Sweep
) -> None:
    for _ in range(5):
        await album.keep(small(1))
        clock.pass_s(2 * HOUR_S)

        photo, _ = await asyncio.gather(album.keep(small(1)), sweep.run_once())

        assert await objects.has(photo.sha256)
    await report_with(database, photo.sha256)


def test_a_grace_shorter_than_it_takes_to_keep_a_photo_cannot_be_set(
    database: Database, objects: Objects, clock: StillClock
) -> None:
    with pytest.raises(ValueError, match="grace"):
        Sweep(database=database, objects=objects, now=clock, grace=timedelta(seconds=1))


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
