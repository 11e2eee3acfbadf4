"""Do the copies that may be shown hold the picture, and nothing else?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat
from PIL.PngImagePlugin import PngInfo

from intake.evidence.photos import Developed, PhotoLimits, Shot, check_photo
from intake.evidence.pictures import TURNS, develop, prepare_decoders
from tests.intake.evidence.pictures import CAMERA, PLACE, SERIAL, a_photo, a_scene, an_exif, encoded, opened

CITY = timezone(timedelta(hours=8))
TRACES = (
    CAMERA.encode(),
    SERIAL.encode(),
    b"Exif",
    b"http://ns.adobe.com",
    b"GPS",
    b"lamplight-comment",
    b"ICC_PROFILE",
)
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow thinks of damaged EXIF
every_format = pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "HEIF"])


@pytest.fixture(autouse=True)
def decoders() -> None:
    prepare_decoders()


def developed(data: bytes) -> Developed:
    limits = PhotoLimits()
    return develop(data, check_photo(data, limits), max_pixels=limits.max_pixels, zone=CITY)


def unlikeness(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures' points, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


@every_format
def test_time_and_place_are_read_and_then_gone_from_every_copy(name: str) -> None:
    data = a_photo(name=name)
    assert CAMERA.encode() in data

    found = developed(data)

    assert found.photo.shot.at == datetime(2026, 5, 1, 4, 3, 4, tzinfo=UTC)
    assert found.photo.shot.longitude_deg == pytest.approx(PLACE[0], abs=1e-5)
    assert found.photo.shot.latitude_deg == pytest.approx(PLACE[1], abs=1e-5)
    for shown in (found.copy, found.thumbnail):
        assert not any(trace in shown for trace in TRACES)
        again = Image.open(BytesIO(shown))
        assert (again.format, dict(again.getexif()), again.getexif().get_ifd(0x8825)) == ("JPEG", {}, {})
        assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_comments_xmp_profiles_and_texts_are_gone_too() -> None:
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" tool="{CAMERA}"/>'.encode()
    texts = PngInfo()
    texts.add_text("Author", CAMERA)
    profile = b"\x00" * 128 + CAMERA.encode()
    files = [
        encoded(a_scene(), "JPEG", comment=b"lamplight-comment " + CAMERA.encode(), xmp=xmp, icc_profile=profile),
        encoded(a_scene(), "PNG", pnginfo=texts, icc_profile=profile),
        encoded(a_scene(), "WEBP", xmp=xmp, icc_profile=profile),
    ]

    for data in files:
        found = developed(data)
        for shown in (found.copy, found.thumbnail):
            assert not any(trace in shown for trace in TRACES)


@pytest.mark.parametrize("turn", [1, *TURNS])
def test_a_photo_taken_sideways_is_shown_upright(turn: int) -> None:
    upright = a_scene(1, (400, 300))
    undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(turn, turn)
    held = upright.transpose(TURNS[undo]) if turn in TURNS else upright

    found = developed(encoded(held, "JPEG", quality=95, exif=an_exif(turn=turn).tobytes()))

    assert (found.photo.width_px, found.photo.height_px) == (400, 300)
    shown = opened(found.copy)
    assert shown.size == (400, 300)
    assert unlikeness(shown, upright) < 8


@every_format
@pytest.mark.parametrize(
    ("size", "copy", "thumbnail"),
    [
        ((2400, 1800), (1600, 1200), (320, 240)),
        ((1800, 2400), (1200, 1600), (240, 320)),
        ((300, 200), (300, 200), (300, 200)),
        ((3000, 3), (1600, 2), (320, 1)),
    ],
)
def test_copies_have_at_most_their_longest_side_and_are_never_enlarged(
    name: str, size: tuple[int, int], copy: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    found = developed(encoded(Image.new("RGB", size, "red"), name))

    assert (found.photo.width_px, found.photo.height_px) == size
    assert (opened(found.copy).size, opened(found.thumbnail).size) == (copy, thumbnail)


@every_format
def test_a_copy_shows_what_the_photo_shows(name: str) -> None:
    scene = a_scene(3, (2400, 1800))

    found = developed(encoded(scene, name, quality=90))

    assert unlikeness(opened(found.copy), scene.resize((1600, 1200))) < 8
    assert unlikeness(opened(found.thumbnail), scene.resize((320, 240))) < 10


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "CMYK"])
def test_pictures_of_every_colour_model_can_be_shown(mode: str) -> None:
    scene = a_scene().convert(mode, dither=Image.Dither.NONE)

    found = developed(encoded(scene, "JPEG" if mode == "CMYK" else "PNG"))

    assert opened(found.copy).mode == "RGB"
    assert unlikeness(opened(found.copy), scene) < 12


def test_what_is_transparent_is_white() -> None:
    shown = opened(developed(encoded(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "PNG")).copy)

    assert shown.getpixel((30, 30)) == (255, 255, 255)


def test_sixteen_bits_of_grey_become_eight() -> None:
    deep = Image.new("I;16", (64, 64), 32768)

    shown = opened(developed(encoded(deep, "PNG")).copy)

    assert shown.getpixel((30, 30)) == pytest.approx((128, 128, 128), abs=2)


@every_format
def test_a_photo_without_exif_says_neither_when_nor_where(name: str) -> None:
    assert developed(encoded(a_scene(), name)).photo.shot == Shot()


@pytest.mark.parametrize("damage", [b"Exif\x00\x00MM\x00*\x00\x00\x00\xff", b"Exif\x00\x00garbage", b"Exif\x00\x00"])
def test_a_photo_with_broken_exif_is_a_photo_without(damage: bytes) -> None:
    assert developed(encoded(a_scene(), "JPEG", exif=damage)).photo.shot == Shot()
