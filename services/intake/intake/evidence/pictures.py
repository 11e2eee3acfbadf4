"""What is in a photo, and what of it may be shown?

Only a worker process imports this: decoders are large, and the bytes they are given come from strangers.
"""

from __future__ import annotations

import struct
from datetime import tzinfo
from io import BytesIO

import pillow_heif
from PIL import Image

from intake.evidence.exif import read_shot
from intake.evidence.likeness import HEIGHT, WIDTH, difference_hash
from intake.evidence.photos import Developed, Photo, PhotoFormat, Shot, name_of
from lamplight_chassis.errors import Rejected

COPY_PX = 1600
THUMBNAIL_PX = 320
COPY_QUALITY = 85
THUMBNAIL_QUALITY = 80

# What the decoders raise for bytes that are no picture. Anything else ends the worker, which is refused all the same.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, MemoryError, OverflowError, struct.error)
BROKEN_EXIF = (*UNREADABLE, KeyError, IndexError, TypeError, ZeroDivisionError)

# An animation is no photo: nobody could say which of its frames is the evidence. The further pictures of a JPEG or a
# HEIC are a depth map, a brightness map or a burst beside the one that counts, which is opened first.
ANIMATED = frozenset({PhotoFormat.PNG, PhotoFormat.WEBP})
PILLOW_NAMES = {PhotoFormat.HEIC: "HEIF"}

ORIENTATION, CAMERA_FOLDER, GPS_FOLDER = 0x0112, 0x8769, 0x8825
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = frozenset({5, 6, 7, 8})


def prepare_decoders() -> None:
    """Once per process: HEIC is known, and sizes are judged by `develop` alone, before anything is decoded."""
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None


def develop(data: bytes, photo_format: PhotoFormat, *, max_pixels: int, zone: tzinfo) -> Developed:
    """Read a photo and make its copies.

    Raises:
        Rejected: too many pixels, animated, truncated or otherwise not to be decoded.
    """
    try:
        with Image.open(BytesIO(data), formats=(PILLOW_NAMES.get(photo_format, photo_format.upper()),)) as image:
            _check(image, photo_format, max_pixels)
            return _developed(data, photo_format, image, zone)
    except UNREADABLE as error:
        # Not the decoder's words: they may quote the file.
        kind = type(error).__name__
        raise Rejected("photo_unreadable", f"photo: cannot be decoded as {photo_format} ({kind})") from error


def _check(image: Image.Image, photo_format: PhotoFormat, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        detail = f"photo: has {width} × {height} pixels, at most {max_pixels} are allowed"
        raise Rejected("photo_too_many_pixels", detail)
    if photo_format in ANIMATED and getattr(image, "is_animated", False):
        raise Rejected("photo_animated", "photo: moves, and which of its frames is meant cannot be told")


def _developed(data: bytes, photo_format: PhotoFormat, image: Image.Image, zone: tzinfo) -> Developed:
    width, height = image.size
    if photo_format is PhotoFormat.JPEG:
        # libjpeg halves while it decodes. The same call would have HEIC show its embedded thumbnail, which may be
        # another picture than the photo.
        image.draft(None, _within(image.size, COPY_PX))
    image.load()
    orientation, shot = _read_exif(image, zone)
    copy = _scaled(_coloured(image), COPY_PX)
    if orientation in TURNS:
        copy = copy.transpose(TURNS[orientation])
    if orientation in SIDEWAYS:
        width, height = height, width
    grey = copy.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    likeness = difference_hash(grey.tobytes())
    photo = Photo(name_of(data), photo_format, len(data), width, height, likeness, shot)
    return Developed(
        photo,
        copy=_as_jpeg(copy, quality=COPY_QUALITY),
        thumbnail=_as_jpeg(_scaled(copy, THUMBNAIL_PX), quality=THUMBNAIL_QUALITY),
    )


def _read_exif(image: Image.Image, zone: tzinfo) -> tuple[int, Shot]:
    try:
        exif = image.getexif()
        orientation = exif.get(ORIENTATION, 1)
        shot = read_shot(exif.get_ifd(CAMERA_FOLDER), exif.get_ifd(GPS_FOLDER), zone=zone)
    except BROKEN_EXIF:
        return 1, Shot()
    return (orientation if isinstance(orientation, int) else 1), shot


def _coloured(image: Image.Image) -> Image.Image:
    """The picture with 8 bits per colour, and with its transparency if it has one."""
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    is_transparent = "A" in image.mode or "transparency" in image.info
    mode = "RGBA" if is_transparent else "RGB"
    return image if image.mode == mode and "transparency" not in image.info else image.convert(mode)


def _scaled(image: Image.Image, side_px: int) -> Image.Image:
    """No side longer than `side_px`, never larger than before, and what was transparent is white."""
    small = image.resize(_within(image.size, side_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if small.mode != "RGBA":
        return small
    white = Image.new("RGB", small.size, "white")
    white.paste(small, mask=small.getchannel("A"))
    return white


def _within(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    factor = min(1.0, side_px / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _as_jpeg(image: Image.Image, *, quality: int) -> bytes:
    image.info = {}  # an encoder copies the comment it finds here
    written = BytesIO()
    image.save(written, "JPEG", quality=quality, progressive=True)
    return written.getvalue()
