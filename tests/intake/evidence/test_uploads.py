"""Does a photo arrive whole over a network that breaks, and never twice, halved or mixed?"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import sys
from uuid import uuid4

import pytest

from intake.evidence.objects import Copy, Objects
from intake.evidence.uploads.receiving import Uploads
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from tests.asgi import Api
from tests.intake.evidence.pictures import a_photo, a_scene, encoded
from tests.intake.evidence.tus import (
    begun,
    id_of,
    metadata,
    offset_of,
    send,
    send_and_lose,
)
from tests.services import fetch

PHOTO = encoded(a_scene(1, (1600, 1200)), "PNG") + os.urandom(700_000)
"""Three quarters of a megabyte: it comes in several parts."""

DIGITS = hashlib.sha256(PHOTO).hexdigest()
DAY_S = 24 * 3600


async def test_a_photo_in_one_part_becomes_a_photo(evidence_api: Api, uploads: Uploads, objects: Objects) -> None:
    place = await begun(evidence_api, len(PHOTO), {"Upload-Metadata": metadata(sha256=DIGITS, filename="a/../b.exe")})

    answer = await send(evidence_api, place, PHOTO, offset=0)

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["upload-offset"] == str(len(PHOTO))
    photo = await uploads.photo_of(id_of(place))
    assert (photo.sha256, photo.width_px) == (DIGITS, 1600)
    assert await objects.get(photo.sha256, Copy.ORIGINAL) == PHOTO


async def test_a_photo_in_many_parts_is_put_together(evidence_api: Api, uploads: Uploads) -> None:
    place, dice = await begun(evidence_api, len(PHOTO)), random.Random(3)
    offset = 0
    while offset < len(PHOTO):
        part = PHOTO[offset : offset + dice.randrange(1, 200_000)]
        answer = await send(evidence_api, place, part, offset=offset)
        offset += len(part)
        assert int(answer.headers["upload-offset"]) == offset

    assert (await uploads.photo_of(id_of(place))).sha256 == DIGITS


async def test_a_part_that_breaks_off_is_kept_as_far_as_it_came(evidence_api: Api, uploads: Uploads) -> None:
    place = await begun(evidence_api, len(PHOTO))
    await send_and_lose(evidence_api, place, PHOTO[:300_001], offset=0, declared=len(PHOTO))

    offset = await offset_of(evidence_api, place)
    assert offset == 300_001
    assert (await send(evidence_api, place, PHOTO[offset:], offset=offset)).status == 204

    assert (await uploads.photo_of(id_of(place))).sha256 == DIGITS


async def test_a_network_that_breaks_at_every_part_gets_there_in_the_end(evidence_api: Api, uploads: Uploads) -> None:
    place, dice = await begun(evidence_api, len(PHOTO)), random.Random(9)

    while (offset := await offset_of(evidence_api, place)) < len(PHOTO):
        end = min(len(PHOTO), offset + dice.randrange(0, 300_000))
        await send_and_lose(evidence_api, place, PHOTO[offset:end], offset=offset, declared=len(PHOTO) - offset)

    assert (await uploads.photo_of(id_of(place))).sha256 == DIGITS


async def test_an_instance_that_was_killed_has_kept_what_it_took(
    evidence_api: Api, uploads: Uploads, url: str, objects: Objects
) -> None:
    place = await begun(evidence_api, len(PHOTO))
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "tests.intake.evidence.dying", url, str(objects._folder), str(id_of(place)))
    instance = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert instance.stdin is not None
    assert instance.stdout is not None
    instance.stdin.write(PHOTO[:600_000])
    await instance.stdin.drain()
    assert [await instance.stdout.readline() for _ in range(2)] == [b"kept\n"] * 2
    instance.kill()
    await instance.wait()

    offset = await offset_of(evidence_api, place)
    assert offset == 2 * 256 * 1024
    await send(evidence_api, place, PHOTO[offset:], offset=offset)

    assert (await uploads.photo_of(id_of(place))).sha256 == DIGITS


async def test_an_upload_whose_instance_died_before_it_became_a_photo_is_finished_by_its_report(
    database: Database, uploads: Uploads, evidence_api: Api
) -> None:
    place = await begun(evidence_api, len(PHOTO))
    await send(evidence_api, place, PHOTO, offset=0)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE uploads SET sha256 = NULL")
        await connection.exec_driver_sql("INSERT INTO upload_parts SELECT id, 0, $1 FROM uploads", (PHOTO,))

    photos = await asyncio.gather(*(uploads.photo_of(id_of(place)) for _ in range(4)))

    assert {photo.sha256 for photo in photos} == {DIGITS}


@pytest.mark.parametrize("turn", range(4))
async def test_two_clients_at_once_never_mix_their_parts(evidence_api: Api, url: str, turn: int) -> None:
    place = await begun(evidence_api, len(PHOTO))
    lies = os.urandom(len(PHOTO) // 2)

    answers = await asyncio.gather(
        *(send(evidence_api, place, part, offset=0, chunk=40_000 + turn) for part in (PHOTO[: len(lies)], lies, lies))
    )

    assert sorted(answer.status for answer in answers).count(204) <= 1
    assert {answer.status for answer in answers} <= {204, 409}
    kept = await fetch(url, "SELECT content FROM upload_parts ORDER BY offset_bytes")
    whole = b"".join(row["content"] for row in kept)
    assert await offset_of(evidence_api, place) == len(whole)
    assert PHOTO.startswith(whole) or lies.startswith(whole)


async def test_the_same_part_sent_twice_at_once_is_kept_once(evidence_api: Api, uploads: Uploads) -> None:
    place = await begun(evidence_api, len(PHOTO))

    answers = await asyncio.gather(*(send(evidence_api, place, PHOTO, offset=0) for _ in range(3)))
    while (offset := await offset_of(evidence_api, place)) < len(PHOTO):
        answers.append(await send(evidence_api, place, PHOTO[offset:], offset=offset))

    assert {answer.status for answer in answers} <= {204, 409}
    assert (await uploads.photo_of(id_of(place))).sha256 == DIGITS


async def test_bytes_that_are_not_those_that_were_announced_are_no_photo(evidence_api: Api, uploads: Uploads) -> None:
    data = a_photo()
    place = await begun(evidence_api, len(data), {"Upload-Metadata": metadata(sha256=DIGITS)})

    answer = await send(evidence_api, place, data, offset=0)

    assert (answer.status, answer.problem) == (422, "upload_checksum")
    with pytest.raises(Rejected, match="sha256"):
        await uploads.photo_of(id_of(place))


@pytest.mark.parametrize(
    ("data", "problem"),
    [(b"no photo at all", "photo_format"), (PHOTO[:5000], "photo_unreadable")],
)
async def test_what_is_no_photo_is_refused_at_its_last_part_and_ever_after(
    evidence_api: Api, uploads: Uploads, url: str, data: bytes, problem: str
) -> None:
    place = await begun(evidence_api, len(data))

    first = await send(evidence_api, place, data, offset=0)
    again = await send(evidence_api, place, b"", offset=len(data))

    assert [(answer.status, answer.problem) for answer in (first, again)] == [(422, problem)] * 2
    with pytest.raises(Rejected) as caught:
        await uploads.photo_of(id_of(place))
    assert caught.value.reason == problem
    assert await fetch(url, "SELECT content FROM upload_parts") == []


async def test_a_report_cannot_name_an_upload_that_is_not_complete(evidence_api: Api, uploads: Uploads) -> None:
    place = await begun(evidence_api, 1000)

    with pytest.raises(Rejected, match="0 of its 1000 bytes") as incomplete:
        await uploads.photo_of(id_of(place))
    with pytest.raises(Rejected) as unknown:
        await uploads.photo_of(uuid4())

    assert (incomplete.value.reason, unknown.value.reason) == ("upload_incomplete", "not_found")


async def test_two_uploads_of_one_photo_become_one_photo(evidence_api: Api, uploads: Uploads, url: str) -> None:
    places = [await begun(evidence_api, len(PHOTO)) for _ in range(2)]
    await asyncio.gather(*(send(evidence_api, place, PHOTO, offset=0) for place in places))

    photos = [await uploads.photo_of(id_of(place)) for place in places]

    assert photos[0] == photos[1]
    assert len(await fetch(url, "SELECT sha256 FROM photos")) == 1
