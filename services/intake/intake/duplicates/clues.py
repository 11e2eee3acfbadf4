"""What of a report counts when it is asked whether somebody told the same before?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

PHOTO_HASH_BITS: Final = 64
MAX_PHOTOS: Final = 20


@dataclass(frozen=True, slots=True)
class Clue:
    """A report as far as a likeness to another can be seen from it.

    Arguments:
        category: the catalogue's slug, or whatever name another city gives it.
        group: the catalogue's group of that category; empty when none is known.
        address: as somebody wrote it; never compared unless both have one.
        reporter_ref: the device or account, already hashed; None when nobody can tell.
        photo_hashes: perceptual hashes of 64 bits.

    Raises:
        ValueError: naming the field, for a place that is none, a time without zone or a hash that is too long.
    """

    id: UUID
    at: datetime
    longitude_deg: float
    latitude_deg: float
    category: str
    group: str = ""
    text: str = ""
    address: str = ""
    reporter_ref: str | None = None
    photo_hashes: Sequence[int] = ()

    def __post_init__(self) -> None:
        if not -180 <= self.longitude_deg <= 180:
            raise ValueError(f"longitude_deg: {self.longitude_deg} is not within -180..180")
        if not -90 <= self.latitude_deg <= 90:
            raise ValueError(f"latitude_deg: {self.latitude_deg} is not within -90..90")
        if self.at.tzinfo is None:
            raise ValueError(f"at: {self.at.isoformat()} has no zone")
        if not self.category:
            raise ValueError("category: is empty")
        if len(self.photo_hashes) > MAX_PHOTOS:
            raise ValueError(f"photo_hashes: {len(self.photo_hashes)} are more than {MAX_PHOTOS}")
        for photo_hash in self.photo_hashes:
            if not 0 <= photo_hash < 1 << PHOTO_HASH_BITS:
                raise ValueError(f"photo_hashes: {photo_hash} is not a number of {PHOTO_HASH_BITS} bits")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier report nearby, and the case that it has been merged into by now."""

    clue: Clue
    case_id: UUID
