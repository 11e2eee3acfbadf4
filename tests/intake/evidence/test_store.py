"""Is a photo evidence of its report with the report's own transaction, once, and never without its objects?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

import intake.evidence.uploads.store
from intake.evidence.album import Album
from intake.evidence.objects import Copy, Objects
from intake.evidence.photos import Photo, PhotoKind
from intake.evidence.store import (
    AddedEvidence,
    Evidence,
    add_evidence,
    evidence_of,
    evidence_with_id,
    forget_evidence,
    likenesses_of,
    photo_with_name,
)
from intake.evidence.verdicts import Verdict
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from tests.intake.evidence.pictures import a_photo, a_scene, encoded
from tests.intake.evidence.pieces import a_piece
from tests.services import fetch

OURS = {"photos", "evidence", "uploads", "upload_parts"}


@pytest.fixture
async def photo(album: Album) -> Photo:
    return await album.keep(a_photo())


async def add(database: Database, *pieces: Evidence) -> Sequence[AddedEvidence]:
    async with database.transaction() as work:
        return await add_evidence(work, pieces)


async def test_the_models_are_what_the_migration_builds(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in OURS,
                "include_object": lambda thing, name, kind, *_: kind != "table" or name in OURS,
            },
        )
        return list(compare_metadata(context, intake.evidence.uploads.store.UploadRow.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_what_is_known_of_a_photo_is_kept(database: Database, photo: Photo) -> None:
    assert await photo_with_name(database, photo.sha256) == photo
    assert await photo_with_name(database, "0" * 64) is None


async def test_the_same_photo_twice_is_decoded_and_stored_once(album: Album, objects: Objects, url: str) -> None:
    first = await album.keep(a_photo())
    objects_written = await objects.get(first.sha256, Copy.ORIGINAL)

    again = await asyncio.gather(*(album.keep(a_photo()) for _ in range(3)))

    assert again == [first] * 3
    assert objects_written == a_photo()
    assert len(await fetch(url, "SELECT sha256 FROM photos")) == 1


async def test_a_photo_whose_objects_were_lost_is_stored_again(album: Album, objects: Objects, photo: Photo) -> None:
    await objects.remove(photo.sha256)

    await album.keep(a_photo())

    assert await objects.get(photo.sha256, Copy.ORIGINAL) == a_photo()


async def test_evidence_is_added_and_what_an_event_may_tell_of_it_comes_back(database: Database, photo: Photo) -> None:
    piece = a_piece(photo.sha256, kind=PhotoKind.FAR, verdict=Verdict.DOUBTFUL)

    added = await add(database, piece)

    assert added == [AddedEvidence(piece.id, piece.report_id, PhotoKind.FAR, photo.sha256, Verdict.DOUBTFUL)]
    assert await evidence_of(database, piece.report_id) == [piece]
    assert await evidence_with_id(database, piece.id) == piece
    assert await evidence_with_id(database, new_id()) is None


async def test_a_photo_counts_once_per_report(database: Database, photo: Photo) -> None:
    piece = a_piece(photo.sha256)
    await add(database, piece)

    again = await add(
        database, a_piece(photo.sha256, report_id=piece.report_id), other := a_piece(photo.sha256, kind=PhotoKind.FAR)
    )

    assert [added.evidence_id for added in again] == [other.id]
    assert await evidence_of(database, piece.report_id) == [piece]


async def test_no_evidence_is_nothing(database: Database) -> None:
    assert await add(database) == ()


async def test_a_transaction_that_fails_leaves_no_evidence(database: Database, photo: Photo, url: str) -> None:
    with suppress(RuntimeError):
        async with database.transaction() as work:
            await add_evidence(work, [a_piece(photo.sha256)])
            raise RuntimeError

    assert await fetch(url, "SELECT id FROM evidence") == []
    assert await fetch(url, "SELECT is_named FROM photos") == [{"is_named": False}]


async def test_a_photo_that_is_not_kept_is_no_evidence(database: Database, photo: Photo, url: str) -> None:
    with pytest.raises(Rejected) as caught:
        await add(database, a_piece(photo.sha256), a_piece("0" * 64))

    assert caught.value.reason == "photo_gone"
    assert await fetch(url, "SELECT id FROM evidence") == []


async def test_many_reports_with_the_same_photos_at_once_do_not_block_one_another(
    database: Database, album: Album
) -> None:
    names = [(await album.keep(a_photo(seed, size=(64, 48)))).sha256 for seed in range(4)]

    async def report(order: Sequence[str]) -> int:
        report_id = new_id()
        return len(await add(database, *(a_piece(name, report_id=report_id) for name in order)))

    counts = await asyncio.gather(*(report(names if turn % 2 else names[::-1]) for turn in range(20)))

    assert counts == [4] * 20


async def test_the_search_for_duplicates_finds_the_hashes_of_reports(database: Database, album: Album) -> None:
    one, two = await album.keep(a_photo(1)), await album.keep(a_photo(2))
    plain = await album.keep(encoded(a_scene(1, (64, 64)).resize((1, 1)).resize((64, 64)), "PNG"))
    both, only, none = new_id(), new_id(), new_id()
    await add(
        database,
        a_piece(one.sha256, report_id=both),
        a_piece(two.sha256, report_id=both),
        a_piece(two.sha256, report_id=only),
        a_piece(plain.sha256, report_id=none),
    )

    found = await likenesses_of(database, [both, only, none, new_id()])

    assert found == {both: [one.likeness, two.likeness], only: [two.likeness]}


async def test_evidence_whose_time_is_over_frees_the_photos_that_nothing_else_names(
    database: Database, album: Album, url: str
) -> None:
    one, two = await album.keep(a_photo(1)), await album.keep(a_photo(2))
    old, other = new_id(), new_id()
    await add(
        database,
        a_piece(one.sha256, report_id=old),
        a_piece(two.sha256, report_id=old),
        a_piece(two.sha256, report_id=other),
    )

    async with database.transaction() as work:
        assert await forget_evidence(work, [old]) == 2

    assert await evidence_of(database, old) == []
    named = await fetch(url, "SELECT sha256 FROM photos WHERE is_named")
    assert [row["sha256"] for row in named] == [two.sha256]
