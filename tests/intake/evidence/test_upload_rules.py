"""Do resumable uploads keep to the protocol, and refuse what breaks it?"""

from __future__ import annotations

import hashlib
import os
from email.utils import parsedate_to_datetime
from uuid import uuid4

import pytest

from intake.evidence.album import Album
from intake.evidence.uploads.receiving import UploadLimits, Uploads
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Transient
from tests.asgi import Answer, Api
from tests.builders import StillClock
from tests.intake.evidence.pictures import a_scene, encoded
from tests.intake.evidence.tus import (
    PART,
    TUS,
    begin,
    begun,
    look,
    metadata,
    offset_of,
    send,
)
from tests.services import fetch

PHOTO = encoded(a_scene(1, (1600, 1200)), "PNG") + os.urandom(700_000)
"""Three quarters of a megabyte: it comes in several parts."""

DIGITS = hashlib.sha256(PHOTO).hexdigest()
DAY_S = 24 * 3600


async def test_what_uploads_can_do_is_told_without_a_version(evidence_api: Api) -> None:
    answer = await evidence_api.call("OPTIONS", "/v1/uploads")

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,expiration,termination"
    assert answer.headers["tus-max-size"] == str(10 * 1024 * 1024)


async def test_every_answer_names_the_version(evidence_api: Api, clock: StillClock) -> None:
    answer = await begin(evidence_api, 10)

    assert answer.headers["tus-resumable"] == "1.0.0"
    expires_at = parsedate_to_datetime(answer.headers["upload-expires"])
    assert (expires_at - clock()).total_seconds() == pytest.approx(DAY_S, abs=1)
    assert (await look(evidence_api, "/v1/uploads/" + str(uuid4()))).headers["tus-resumable"] == "1.0.0"


@pytest.mark.parametrize("offset", [0, 999, 1001, 5000])
async def test_a_part_for_another_offset_is_refused(evidence_api: Api, offset: int) -> None:
    place = await begun(evidence_api, len(PHOTO))
    await send(evidence_api, place, PHOTO[:1000], offset=0)

    answer = await send(evidence_api, place, PHOTO[offset : offset + 100], offset=offset)

    assert (answer.status, answer.problem) == (409, "upload_conflict")
    assert await offset_of(evidence_api, place) == 1000


async def test_a_part_that_goes_on_after_the_end_is_refused(evidence_api: Api) -> None:
    place = await begun(evidence_api, 1000)

    declared = await send(evidence_api, place, bytes(1001), offset=0)
    headers = {**PART, "Upload-Offset": "0"}
    undeclared = await evidence_api.call("PATCH", place, headers=headers, body=[bytes(1001)])

    for answer in (declared, undeclared):
        assert (answer.status, answer.problem) == (413, "upload_too_long")
    assert await offset_of(evidence_api, place) == 0


async def test_an_empty_part_changes_nothing(evidence_api: Api) -> None:
    place = await begun(evidence_api, 1000)

    answer = await send(evidence_api, place, b"", offset=0)

    assert (answer.status, answer.headers["upload-offset"]) == (204, "0")


async def test_an_upload_that_waits_too_long_has_expired_and_is_then_forgotten(
    evidence_api: Api, uploads: Uploads, clock: StillClock, url: str
) -> None:
    place = await begun(evidence_api, 1000)
    await send(evidence_api, place, bytes(10), offset=0)
    clock.pass_s(DAY_S - 1)
    assert await offset_of(evidence_api, place) == 10
    clock.pass_s(1)

    answers = [
        await look(evidence_api, place),
        await send(evidence_api, place, bytes(10), offset=10),
        await evidence_api.call("DELETE", place, headers=TUS),
    ]
    await uploads.drop_expired()

    assert [(answer.status, answer.problem) for answer in answers] == [(410, "upload_expired")] * 3
    assert await fetch(url, "SELECT content FROM upload_parts") == []
    assert (await look(evidence_api, place)).status == 410
    clock.pass_s(DAY_S)
    await uploads.drop_expired()
    assert (await look(evidence_api, place)).status == 404


async def test_every_part_gives_an_upload_its_time_anew(evidence_api: Api, clock: StillClock) -> None:
    place = await begun(evidence_api, 1000)
    for offset in range(3):
        clock.pass_s(DAY_S - 1)
        assert (await send(evidence_api, place, b"x", offset=offset)).status == 204


async def test_an_upload_that_is_given_up_is_gone_with_its_parts(evidence_api: Api, url: str) -> None:
    place = await begun(evidence_api, 1000)
    await send(evidence_api, place, bytes(10), offset=0)

    answer = await evidence_api.call("DELETE", place, headers=TUS)

    assert (answer.status, answer.headers["tus-resumable"]) == (204, "1.0.0")
    assert (await look(evidence_api, place)).status == 404
    assert await fetch(url, "SELECT content FROM upload_parts") == []


@pytest.mark.parametrize(
    ("headers", "status", "problem"),
    [
        ({"Upload-Length": "0"}, 422, "photo_empty"),
        ({"Upload-Length": "-1"}, 422, "upload_length"),
        ({"Upload-Length": "1e3"}, 422, "upload_length"),
        ({"Upload-Length": "\u00b2"}, 422, "upload_length"),
        ({"Upload-Length": ""}, 422, "upload_length"),
        ({"Upload-Length": "9" * 400}, 422, "upload_length"),
        ({"Upload-Length": str(10 * 1024 * 1024 + 1)}, 413, "photo_too_large"),
        ({"Upload-Defer-Length": "1"}, 422, "upload_length"),
        ({"Upload-Metadata": "sha256 " + "!" * 8}, 422, "upload_metadata"),
        ({"Upload-Metadata": metadata(sha256="abc")}, 422, "upload_metadata"),
        ({"Upload-Metadata": "sha256"}, 422, "upload_metadata"),
        ({"Upload-Metadata": "a " * 4000}, 422, "upload_metadata"),
        ({"Tus-Resumable": "0.2.2"}, 412, "tus_version"),
        ({"Idempotency-Key": "x" * 200}, 422, "bad_idempotency_key"),
    ],
)
async def test_an_upload_that_breaks_the_rules_is_not_begun(
    evidence_api: Api, url: str, headers: dict[str, str], status: int, problem: str
) -> None:
    answer = await begin(evidence_api, 1000, headers)

    assert (answer.status, answer.problem) == (status, problem)
    assert await fetch(url, "SELECT id FROM uploads") == []


async def test_another_version_is_told_which_one_is_spoken(evidence_api: Api) -> None:
    answer = await evidence_api.call("POST", "/v1/uploads", headers={"Upload-Length": "5"})

    assert (answer.status, answer.headers["tus-version"]) == (412, "1.0.0")


@pytest.mark.parametrize(
    ("headers", "status", "problem"),
    [
        ({"Content-Type": "image/jpeg"}, 415, "upload_content_type"),
        ({"Upload-Offset": ""}, 422, "upload_offset"),
        ({"Upload-Offset": "x"}, 422, "upload_offset"),
        ({"Upload-Offset": "9" * 30}, 422, "upload_offset"),
        ({"Tus-Resumable": "2.0.0"}, 412, "tus_version"),
    ],
)
async def test_a_part_that_breaks_the_rules_is_refused(
    evidence_api: Api, headers: dict[str, str], status: int, problem: str
) -> None:
    place = await begun(evidence_api, 1000)
    given = {**PART, "Upload-Offset": "0", **headers}

    answer = await evidence_api.call("PATCH", place, headers=given, body=[b"x"])

    assert (answer.status, answer.problem) == (status, problem)
    assert await offset_of(evidence_api, place) == 0


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
async def test_an_unknown_upload_is_not_found_and_a_wrong_id_is_refused(evidence_api: Api, method: str) -> None:
    headers = {**PART, "Upload-Offset": "0"}

    unknown = await evidence_api.call(method, f"/v1/uploads/{uuid4()}", headers=headers)
    wrong = await evidence_api.call(method, "/v1/uploads/seven", headers=headers)

    assert (unknown.status, wrong.status) == (404, 422)


async def test_the_same_key_begins_the_same_upload(evidence_api: Api) -> None:
    async def ask(length: int) -> Answer:
        return await begin(evidence_api, length, {"Idempotency-Key": "phone-1"})

    first, again, other = await ask(1000), await ask(1000), await ask(1001)

    assert (first.status, again.status) == (201, 201)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status, other.problem) == (409, "idempotency_conflict")


async def test_too_many_bytes_on_their_way_are_a_passing_trouble(
    database: Database, album: Album, clock: StillClock
) -> None:
    narrow = Uploads(database=database, album=album, limits=UploadLimits(most_bytes=100), now=clock, new_id=new_id)
    await narrow.create(100, expected_sha256=None, key=None)
    await narrow.create(100, expected_sha256=None, key=None)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE uploads SET offset_bytes = 50")

    with pytest.raises(Transient, match="too many"):
        await narrow.create(100, expected_sha256=None, key=None)

    clock.pass_s(DAY_S)
    assert (await narrow.create(100, expected_sha256=None, key=None)).status == 201
