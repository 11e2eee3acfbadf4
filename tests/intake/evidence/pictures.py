"""Which pictures do the tests of evidence send?"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener()

CAMERA = "Lamplighter X100 Secret"
SERIAL = "SN-4711-0815"
PLACE = (120.631, 31.445)
"""Longitude, latitude: what the EXIF of `a_photo` says."""

TAKEN = "2026:05:01 12:03:04"

Exif = Mapping[int, Mapping[int, Any]]


def a_scene(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture with large and small things in it; another seed is another street."""
    dice = random.Random(seed)
    width, height = size
    image = Image.new("RGB", size, _colour(dice))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        left, top = dice.randrange(width), dice.randrange(height)
        box = (left, top, left + dice.randrange(8, width // 2), top + dice.randrange(8, height // 2))
        shape = draw.rectangle if dice.random() < 0.5 else draw.ellipse
        shape(box, fill=_colour(dice))
    return image


def encoded(image: Image.Image, name: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    written = BytesIO()
    image.save(written, name, **options)
    return written.getvalue()


def an_exif(
    *, taken: str | None = TAKEN, offset: str | None = None, place: tuple[float, float] | None = PLACE, turn: int = 1
) -> Image.Exif:
    """What a phone writes into its photos."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Lamplighter", CAMERA, turn
    camera = exif.get_ifd(0x8769)
    camera[0xA431] = SERIAL
    if taken is not None:
        camera[0x9003] = taken
    if offset is not None:
        camera[0x9011] = offset
    if place is not None:
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", _sexagesimal(place[1]), "E", _sexagesimal(place[0])
    return exif


def a_photo(seed: int = 1, name: str = "JPEG", *, size: tuple[int, int] = (640, 480), **exif: Any) -> bytes:
    """A photo as a phone sends it."""
    return encoded(a_scene(seed, size), name, exif=an_exif(**exif).tobytes())


def a_png_header(width: int, height: int, *, bits: int = 8, colour: int = 2, body: bytes = b"") -> bytes:
    """A PNG file that says it is this large, with these bytes as its compressed lines."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", body) if body else b"", _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def a_png_bomb(side: int = 50_000) -> bytes:
    """A picture of one bit per point that is honest about its size, and small because it is black."""
    line = b"\x00" + bytes((side + 7) // 8)
    squeezer = zlib.compressobj(9)
    return a_png_header(
        side, side, bits=1, colour=0, body=b"".join(squeezer.compress(line) for _ in range(side)) + squeezer.flush()
    )


def opened(data: bytes) -> Image.Image:
    """A picture, decoded."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _colour(dice: random.Random) -> tuple[int, int, int]:
    return dice.randrange(256), dice.randrange(256), dice.randrange(256)


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(degrees * 3600, 2), 60)
    whole, minutes = divmod(minutes, 60)
    return whole, minutes, seconds
