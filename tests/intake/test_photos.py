"""Does a report keep the photos that it names, and who may look at them?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.issuer.server import running_issuer
from intake.evidence.settings import EvidenceSettings
from lamplight_chassis.clock import new_id, utc_now
from lamplight_chassis.rights.settings import RightsSettings
from tests.asgi import Answer, Api
from tests.builders import a_report_body
from tests.intake.evidence.pictures import a_photo
from tests.intake.evidence.tus import begun, send
from tests.services import an_app, fetch

PHOTO = a_photo(taken=None, place=None)


@pytest.fixture
async def api(url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with an_app("intake", url, now=utc_now, evidence=EvidenceSettings(folder=tmp_path)) as api:
        yield api


async def uploaded(api: Api, photo: bytes = PHOTO) -> str:
    """The id of an upload that is complete."""
    place = await begun(api, len(photo))
    assert (await send(api, place, photo, offset=0)).status == 204
    return place.rpartition("/")[2]


async def reported(api: Api, *upload_ids: str, key: str = "", **changes: Any) -> Answer:
    photos = [{"upload_id": upload_id, "kind": "far"} for upload_id in upload_ids]
    headers = {"Idempotency-Key": key} if key else {}
    return await api.post("/v1/reports", a_report_body(photos=photos, **changes), headers)


async def test_a_report_shows_its_photos_with_what_was_found_and_links_that_work(api: Api) -> None:
    accepted = await reported(api, await uploaded(api))

    shown = (await api.get(accepted.json()["links"]["self"])).json()
    [piece] = shown["evidence"]
    pictures = [await api.get(link) for link in piece["links"].values()]
    assert (piece["kind"], piece["verdict"]) == ("far", "doubtful")  # a photo without time and place proves neither
    assert set(piece["links"]) == {"photo", "thumbnail"}
    assert [(picture.status, picture.headers["content-type"]) for picture in pictures] == [(200, "image/jpeg")] * 2


async def test_a_repeated_report_keeps_its_photos_once(api: Api, url: str) -> None:
    upload_id = await uploaded(api)

    first, second = [await reported(api, upload_id, key="photos-1") for _ in range(2)]

    assert first.body == second.body
    assert len(await fetch(url, "SELECT id FROM evidence")) == 1


@pytest.mark.parametrize("key", ["", "photos-2"])
async def test_a_report_whose_upload_is_not_complete_is_refused_and_nothing_of_it_kept(
    api: Api, url: str, key: str
) -> None:
    place = await begun(api, len(PHOTO))
    await send(api, place, PHOTO[:100], offset=0)

    answer = await reported(api, place.rpartition("/")[2], key=key)

    assert (answer.status, answer.problem) == (422, "upload_incomplete")
    assert await fetch(url, "SELECT id FROM reports") == []


async def test_a_photo_that_nobody_sent_is_refused_by_name(api: Api) -> None:
    answer = await reported(api, str(new_id()))

    assert answer.status == 404


async def test_more_photos_than_a_report_may_have_are_refused_with_the_limit(api: Api) -> None:
    answer = await reported(api, *[str(new_id())] * 10)

    assert answer.json()["errors"][0]["field"] == "photos"
    assert "9" in answer.json()["errors"][0]["message"]


async def test_a_stranger_sees_the_verdict_and_no_link(url: str, tmp_path: Path) -> None:
    async with running_issuer(tmp_path / "issuer") as issuer:
        rights = RightsSettings(issuer=issuer.url, audience=issuer.audience)
        settings = {"rights": rights, "evidence": EvidenceSettings(folder=tmp_path / "evidence")}
        async with an_app("intake", url, now=utc_now, **settings) as api:
            place = (await reported(api, await uploaded(api))).json()["links"]["self"]
            token = issuer.token("somebody", roles=["operator"])
            stranger, operator = [
                (await api.get(place, headers)).json()["evidence"][0]
                for headers in ({}, {"Authorization": f"Bearer {token}"})
            ]

    assert (stranger["verdict"], stranger["links"]) == ("doubtful", {})
    assert set(operator["links"]) == {"photo", "thumbnail"}
