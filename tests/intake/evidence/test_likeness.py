"""Is the same picture known again, and another one told apart?"""

from __future__ import annotations

from datetime import UTC
from itertools import combinations

import pytest
from PIL import Image, ImageEnhance

from intake.evidence.likeness import SAME_PICTURE, difference, difference_hash, from_signed, to_signed
from intake.evidence.photos import PhotoLimits, check_photo
from intake.evidence.pictures import develop, prepare_decoders
from tests.intake.evidence.pictures import a_scene, encoded

SEEDS = range(12)


@pytest.fixture(autouse=True)
def decoders() -> None:
    prepare_decoders()


def likeness(image: Image.Image, name: str = "JPEG", quality: int = 90) -> int:
    data = encoded(image, name, quality=quality)
    found = develop(data, check_photo(data, PhotoLimits()), max_pixels=10**8, zone=UTC).photo.likeness
    assert found is not None
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_photo_saved_again_or_slightly_changed_stays_alike(seed: int) -> None:
    scene = a_scene(seed, (1200, 900))
    first = likeness(scene)

    again = {
        "worse": likeness(scene, quality=40),
        "as webp": likeness(scene, "WEBP", 60),
        "as heic": likeness(scene, "HEIF", 50),
        "smaller": likeness(scene.resize((1000, 750))),
        "much smaller": likeness(scene.resize((480, 360))),
        "slightly squeezed": likeness(scene.resize((1180, 900))),
        "brighter": likeness(ImageEnhance.Brightness(scene).enhance(1.1)),
    }

    assert {
        name: difference(first, other) for name, other in again.items() if difference(first, other) > SAME_PICTURE
    } == {}


def test_other_photos_are_far_from_alike() -> None:
    hashes = [likeness(a_scene(seed, (1200, 900))) for seed in SEEDS]

    distances = [difference(one, other) for one, other in combinations(hashes, 2)]

    assert min(distances) > 2 * SAME_PICTURE
    assert 24 < sum(distances) / len(distances) < 40


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_plain_picture_is_like_no_other(shade: int) -> None:
    data = encoded(Image.new("L", (200, 200), shade))

    assert develop(data, check_photo(data, PhotoLimits()), max_pixels=10**8, zone=UTC).photo.likeness is None


def test_the_hash_says_where_it_grows_brighter() -> None:
    rising, falling = bytes(range(0, 90, 10)) * 8, bytes(range(80, -1, -10)) * 8

    assert (difference_hash(rising), difference_hash(falling)) == ((1 << 64) - 1, 0)


def test_a_grid_of_another_size_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="72 values"):
        difference_hash(bytes(64))


@pytest.mark.parametrize("likeness", [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_every_hash_fits_into_a_column_and_comes_back(likeness: int) -> None:
    stored = to_signed(likeness)

    assert -(1 << 63) <= stored < 1 << 63
    assert from_signed(stored) == likeness
