"""Which bytes are a photo that intake takes, and what does it know of one?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lamplight_chassis.errors import Rejected


class PhotoFormat(StrEnum):
    """The kinds of picture that are taken, told by their first bytes and by nothing that the sender says."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"


class PhotoKind(StrEnum):
    """What a photo shows of its matter."""

    NEAR = "near"
    FAR = "far"
    REFERENCE = "reference"
    BEFORE = "before"
    AFTER = "after"


HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """How large a photo may be.

    Arguments:
        max_pixels: the default lets the full 50-megapixel mode of current phones through and stops what a header
            merely claims.
    """

    max_bytes: int = 10 * 1024 * 1024
    max_pixels: int = 52_000_000

    def __post_init__(self) -> None:
        if self.max_bytes < 1 or self.max_pixels < 1:
            raise ValueError("max_bytes and max_pixels: must be at least 1")


@dataclass(frozen=True, slots=True)
class Shot:
    """When and where a photo says it was taken (WGS-84); None where it does not say."""

    at: datetime | None = None
    longitude_deg: float | None = None
    latitude_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """What is known of one photo, named by the SHA-256 of its original bytes; width and height as it is looked at.

    Arguments:
        likeness: its 64-bit difference hash; None where it is too plain to be told from any other plain picture.
    """

    sha256: str
    format: PhotoFormat
    size_bytes: int
    width_px: int
    height_px: int
    likeness: int | None
    shot: Shot


@dataclass(frozen=True, slots=True)
class Developed:
    """A photo with the two copies that may be shown: JPEG, turned upright, with nothing in them but pixels."""

    photo: Photo
    copy: bytes
    thumbnail: bytes


def check_photo(data: bytes, limits: PhotoLimits) -> PhotoFormat:
    """The format of a photo by its first bytes, before anything is decoded.

    Raises:
        Rejected: it is empty, has too many bytes, or is none of the formats.
    """
    if not data:
        raise Rejected("photo_empty", "photo: has no bytes")
    if len(data) > limits.max_bytes:
        raise Rejected("photo_too_large", f"photo: has {len(data)} bytes, at most {limits.max_bytes} are allowed")
    found = _format_of(data)
    if found is None:
        raise Rejected("photo_format", "photo: is neither JPEG, PNG, WebP nor HEIC by its content")
    return found


def name_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal: the name under which they are kept."""
    return hashlib.sha256(data).hexdigest()


def _format_of(data: bytes) -> PhotoFormat | None:
    if data.startswith(b"\xff\xd8\xff"):
        return PhotoFormat.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PhotoFormat.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return PhotoFormat.WEBP
    return PhotoFormat.HEIC if data[4:8] == b"ftyp" and _brands(data) & HEIC_BRANDS else None


def _brands(data: bytes) -> frozenset[bytes]:
    """What an ISO media file says that it is: one main brand and those it is compatible with."""
    end = min(int.from_bytes(data[:4], "big"), 256)
    return frozenset({data[8:12], *(data[place : place + 4] for place in range(16, end, 4))})
