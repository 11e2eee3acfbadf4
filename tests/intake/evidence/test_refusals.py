"""Does intake tell a photo from everything else, by its content, before it can do harm?"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from io import BytesIO
from time import perf_counter

import pytest

from intake.evidence.photos import Developed, PhotoFormat, PhotoLimits, check_photo
from intake.evidence.pictures import develop, prepare_decoders
from lamplight_chassis.errors import Rejected
from tests.intake.evidence.pictures import a_photo, a_png_bomb, a_png_header, a_scene, encoded

LIMITS = PhotoLimits()
FORMATS = {"JPEG": PhotoFormat.JPEG, "PNG": PhotoFormat.PNG, "WEBP": PhotoFormat.WEBP, "HEIF": PhotoFormat.HEIC}
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow thinks of damaged EXIF
every_format = pytest.mark.parametrize("name", FORMATS)


@pytest.fixture(autouse=True)
def decoders() -> None:
    prepare_decoders()


def developed(data: bytes, limits: PhotoLimits = LIMITS) -> Developed:
    return develop(data, check_photo(data, limits), max_pixels=limits.max_pixels, zone=UTC)


def refusal(data: bytes, limits: PhotoLimits = LIMITS) -> Rejected:
    with pytest.raises(Rejected) as caught:
        developed(data, limits)
    return caught.value


def frames(name: str) -> bytes:
    return encoded(a_scene(1, (64, 48)), name, save_all=True, append_images=[a_scene(2, (64, 48))])


@every_format
def test_the_format_is_told_by_the_content(name: str) -> None:
    assert developed(a_photo(name=name)).photo.format is FORMATS[name]


NO_PHOTOS: dict[str, Callable[[], bytes]] = {
    "text": lambda: b"this is no photo, whatever its name says" * 10,
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": lambda: b"<!DOCTYPE html><script>alert(1)</script>",
    "gif": lambda: encoded(a_scene(), "GIF"),
    "bmp": lambda: encoded(a_scene(), "BMP"),
    "tiff": lambda: encoded(a_scene(), "TIFF"),
    "avif": lambda: encoded(a_scene(), "AVIF"),
    "pdf": lambda: encoded(a_scene(), "PDF"),
    "mp4": lambda: b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(100),
    "zip": lambda: b"PK\x03\x04" + bytes(100),
    "two bytes": lambda: b"\xff\xd8",
    "riff that is no webp": lambda: b"RIFF\x10\x00\x00\x00WAVEfmt ",
}


@pytest.mark.parametrize("kind", NO_PHOTOS)
def test_what_is_none_of_the_formats_is_refused(kind: str) -> None:
    found = refusal(NO_PHOTOS[kind]())

    assert found.reason == "photo_format"
    assert "JPEG, PNG, WebP" in found.detail


def test_nothing_is_no_photo() -> None:
    assert refusal(b"").reason == "photo_empty"


def test_a_photo_of_too_many_bytes_is_refused_with_the_limit() -> None:
    data = a_photo()

    found = refusal(data, PhotoLimits(max_bytes=len(data) - 1))

    assert found.reason == "photo_too_large"
    assert str(len(data) - 1) in found.detail
    assert developed(data, PhotoLimits(max_bytes=len(data))).photo.size_bytes == len(data)


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: a_png_header(100_000, 100_000),
        lambda: a_png_header(2**31 - 1, 2**31 - 1),
        lambda: a_png_header(52_000_001, 1),
        a_png_bomb,
    ],
    ids=["claims 100,000 × 100,000", "claims the most", "claims a line", "has 50,000 × 50,000 bits"],
)
def test_a_bomb_is_refused_by_its_header_before_it_is_decoded(bomb: Callable[[], bytes]) -> None:
    data = bomb()
    assert len(data) < LIMITS.max_bytes
    began_s = perf_counter()

    assert refusal(data).reason == "photo_too_many_pixels"

    assert perf_counter() - began_s < 0.5


@every_format
def test_the_limit_of_pixels_holds_for_every_format(name: str) -> None:
    data = a_photo(name=name, size=(64, 48))

    assert refusal(data, PhotoLimits(max_pixels=64 * 48 - 1)).reason == "photo_too_many_pixels"
    assert developed(data, PhotoLimits(max_pixels=64 * 48)).photo.width_px == 64


@every_format
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_photo_is_refused(name: str, share: float) -> None:
    data = a_photo(name=name)

    found = refusal(data[: int(len(data) * share)])

    assert found.reason == "photo_unreadable"
    assert "cannot be decoded" in found.detail


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_an_animation_is_refused(name: str) -> None:
    assert refusal(frames(name)).reason == "photo_animated"


def test_of_a_jpeg_with_a_second_picture_the_first_counts() -> None:
    both = developed(frames("MPO"))

    assert both.copy == developed(encoded(a_scene(1, (64, 48)), "JPEG")).copy


@every_format
def test_whatever_hides_behind_a_photo_is_in_no_copy(name: str) -> None:
    hidden = BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("payload.html", "<script>alert('lamplight')</script>")
    data = a_photo(name=name) + hidden.getvalue() + b"<script>alert('lamplight')</script>"

    found = developed(data)

    for shown in (found.copy, found.thumbnail):
        assert b"script" not in shown
        assert b"PK\x03\x04" not in shown
        assert b"payload" not in shown


@every_format
def test_no_damage_to_a_photo_does_more_than_have_it_refused(name: str) -> None:
    dice = random.Random(7)
    whole = a_photo(name=name, size=(96, 64))
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.choice((1, 3, 30))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        with suppress(Rejected):
            developed(bytes(data), PhotoLimits(max_pixels=1_000_000))


def test_an_embedded_thumbnail_never_stands_in_for_the_photo() -> None:
    scene = a_scene(1, (2400, 1800))

    plain, with_thumbnail = encoded(scene, "HEIF"), encoded(scene, "HEIF", thumbnails=[1600])

    assert len(with_thumbnail) > len(plain)
    assert developed(with_thumbnail).copy == developed(plain).copy


def test_limits_that_allow_nothing_cannot_be_set() -> None:
    with pytest.raises(ValueError, match="max_bytes"):
        PhotoLimits(max_bytes=0)
