"""How do intake and its photo workers talk over a pipe?

A frame is the length of a JSON header, the header, and as many bytes as the header's `sizes` say. JSON and no pickle:
whoever takes over a worker with a crafted photo must not thereby take over intake.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from intake.evidence.photos import Developed, Photo, PhotoFormat, Shot
from lamplight_chassis.errors import Rejected

LENGTH_BYTES = 4


def write_frame(header: Mapping[str, Any], parts: Sequence[bytes]) -> bytes:
    """One frame with its parts."""
    text = json.dumps({**header, "sizes": [len(part) for part in parts]}).encode()
    return b"".join((len(text).to_bytes(LENGTH_BYTES, "big"), text, *parts))


def refusal_header(refusal: Rejected) -> dict[str, Any]:
    """The header of an answer that refuses the photo."""
    return {"reason": refusal.reason, "detail": refusal.detail}


def photo_header(photo: Photo) -> dict[str, Any]:
    """The header of an answer with a photo's two copies as its parts."""
    shot = photo.shot
    return {
        "format": photo.format,
        "width_px": photo.width_px,
        "height_px": photo.height_px,
        "likeness": photo.likeness,
        "shot_at": shot.at.isoformat() if shot.at else None,
        "longitude_deg": shot.longitude_deg,
        "latitude_deg": shot.latitude_deg,
    }


def read_answer(header: Mapping[str, Any], parts: Sequence[bytes], *, sha256: str, size_bytes: int) -> Developed:
    """What a worker made of the photo with this name and size.

    Raises:
        Rejected: the worker refused it.
    """
    if "reason" in header:
        raise Rejected(header["reason"], header["detail"])
    at = datetime.fromisoformat(header["shot_at"]) if header["shot_at"] else None
    photo = Photo(
        sha256=sha256,
        format=PhotoFormat(header["format"]),
        size_bytes=size_bytes,
        width_px=header["width_px"],
        height_px=header["height_px"],
        likeness=header["likeness"],
        shot=Shot(at, header["longitude_deg"], header["latitude_deg"]),
    )
    return Developed(photo, *parts)
