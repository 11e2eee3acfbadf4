"""Does a signed link lead to one picture, for a while, and to nothing else?"""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from uuid import UUID

import pytest

from intake.evidence.album import Album
from intake.evidence.links import LinkKeys, check_link, link_to
from intake.evidence.objects import Copy, Objects
from intake.evidence.store import add_evidence
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from tests.asgi import Api
from tests.builders import NOW, StillClock
from tests.intake.evidence.pictures import CAMERA, a_photo, opened
from tests.intake.evidence.pieces import a_piece

OLD, NEW = b"o" * 32, b"n" * 32
ID = UUID(int=7)
MINUTES = timedelta(minutes=10)


@pytest.fixture
async def evidence_id(album: Album, database: Database) -> UUID:
    photo = await album.keep(a_photo())
    piece = a_piece(photo.sha256)
    async with database.transaction() as work:
        await add_evidence(work, [piece])
    return piece.id


@pytest.fixture
def link(link_keys: LinkKeys, evidence_id: UUID, clock: StillClock) -> str:
    return link_to(link_keys, evidence_id, Copy.PHOTO, now=clock(), lives=MINUTES)


async def test_a_link_shows_the_copy_without_its_exif(evidence_api: Api, link: str, evidence_id: UUID) -> None:
    answer = await evidence_api.get(link)

    assert answer.status == 200
    assert opened(answer.body).size == (640, 480)
    assert CAMERA.encode() not in answer.body
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f'inline; filename="{evidence_id}.jpg"'
    assert re.fullmatch(r"private, max-age=(600|599)", answer.headers["cache-control"])


async def test_a_link_to_the_thumbnail_shows_the_thumbnail(
    evidence_api: Api, link_keys: LinkKeys, evidence_id: UUID, clock: StillClock
) -> None:
    answer = await evidence_api.get(link_to(link_keys, evidence_id, Copy.THUMBNAIL, now=clock(), lives=MINUTES))

    assert opened(answer.body).size == (320, 240)


async def test_a_link_ends_when_it_says(evidence_api: Api, link: str, clock: StillClock) -> None:
    clock.pass_s(599)
    assert (await evidence_api.get(link)).status == 200

    clock.pass_s(1)

    answer = await evidence_api.get(link)
    assert (answer.status, answer.problem) == (403, "link_expired")


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (r"/photo\?", "/thumbnail?"),
        (r"expires=(\d)\d", r"expires=\g<1>9"),
        (r"expires=\d+", "expires=99999999999"),
        (r"expires=\d+", "expires="),
        (r"expires=\d+", "expires=-1"),
        (r"expires=\d+", "expires=%D9%A3"),
        (r"expires=\d+", "expires=1e9"),
        (r"signature=..", "signature=AA"),
        (r"signature=.*", "signature=%F0%9F%92%A1"),
        (r"signature=.*", ""),
        (r"\?.*", ""),
        (r"evidence/[^/]*", f"evidence/{ID}"),
    ],
)
async def test_a_link_that_was_altered_does_not_hold(evidence_api: Api, link: str, found: str, put: str) -> None:
    altered = re.sub(found, put, link)
    assert altered != link

    answer = await evidence_api.get(altered)

    assert (answer.status, answer.problem) == (403, "link_refused")


async def test_what_is_not_there_is_said_only_to_those_who_may_ask(
    evidence_api: Api, link_keys: LinkKeys, clock: StillClock
) -> None:
    unknown = link_to(link_keys, ID, Copy.PHOTO, now=clock(), lives=MINUTES)

    answer = await evidence_api.get(unknown)

    assert (answer.status, answer.problem) == (404, "not_found")


async def test_the_original_has_no_link(evidence_api: Api, link: str, link_keys: LinkKeys) -> None:
    with pytest.raises(ValueError, match="original"):
        link_to(link_keys, ID, Copy.ORIGINAL, now=NOW, lives=MINUTES)

    assert (await evidence_api.get(link.replace("/photo?", "/original?"))).status == 404


async def test_an_id_that_is_none_is_refused(evidence_api: Api) -> None:
    assert (await evidence_api.get("/v1/evidence/seven/photo?expires=1&signature=x")).status == 422


async def test_a_photo_whose_objects_were_lost_is_not_found(
    evidence_api: Api, objects: Objects, link: str, album: Album
) -> None:
    await objects.remove((await album.keep(a_photo())).sha256)

    assert (await evidence_api.get(link)).status == 404


def test_links_of_the_old_key_hold_until_it_is_taken_away() -> None:
    link = link_to(LinkKeys((OLD,)), ID, Copy.PHOTO, now=NOW, lives=MINUTES)
    expires, signature = re.findall(r"=([^&]+)", link)

    assert check_link(LinkKeys((NEW, OLD)), ID, Copy.PHOTO, expires=expires, signature=signature, now=NOW) == MINUTES
    with pytest.raises(Rejected, match="signature"):
        check_link(LinkKeys((NEW,)), ID, Copy.PHOTO, expires=expires, signature=signature, now=NOW)


def test_the_newest_key_signs() -> None:
    assert link_to(LinkKeys((NEW, OLD)), ID, Copy.PHOTO, now=NOW, lives=MINUTES) == link_to(
        LinkKeys((NEW,)), ID, Copy.PHOTO, now=NOW, lives=MINUTES
    )


def test_keys_are_read_from_a_setting() -> None:
    setting = f"{base64.b64encode(NEW).decode()}, {base64.b64encode(OLD).decode()}"

    assert LinkKeys.read(setting) == LinkKeys((NEW, OLD))


@pytest.mark.parametrize(
    "setting",
    ["", "short", "***", base64.b64encode(b"k" * 31).decode(), ",".join([base64.b64encode(NEW).decode()] * 3)],
)
def test_bad_keys_are_refused_without_being_shown(setting: str) -> None:
    with pytest.raises(ValueError, match="EVIDENCE_LINK_KEYS") as caught:
        LinkKeys.read(setting)

    assert not setting or setting not in str(caught.value)


def test_keys_are_never_printed() -> None:
    assert "nnn" not in repr(LinkKeys((NEW, OLD)))


def test_every_id_gets_another_signature() -> None:
    keys = LinkKeys.made_up()

    assert len({link_to(keys, new_id(), Copy.PHOTO, now=NOW, lives=MINUTES) for _ in range(50)}) == 50
