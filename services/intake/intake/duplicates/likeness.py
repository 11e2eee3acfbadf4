"""How far apart are two reports, in each of the ways that count?"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Final

from intake.duplicates.addresses import AddressMatch, match_addresses
from intake.duplicates.clues import Clue

M_PER_DEG: Final = 111_195.0
"""Of latitude, on a sphere of 6,371 km: within the few hundred metres that count, the error is under 0.6 %."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What can be measured between two reports without reading their texts; the same in either order.

    Arguments:
        photo_bits: by how many bits the two most alike photos differ; None unless both have some.
        is_same_reporter: False as well when nobody can tell.
    """

    distance_m: float
    gap_min: float
    address: AddressMatch
    photo_bits: int | None
    is_same_reporter: bool


def measure_likeness(first: Clue, second: Clue) -> Likeness:
    """Measure them all."""
    return Likeness(
        distance_m=distance_m(first, second),
        gap_min=gap_min(first, second),
        address=match_addresses(first.address, second.address),
        photo_bits=_photo_bits(first, second),
        is_same_reporter=first.reporter_ref is not None and first.reporter_ref == second.reporter_ref,
    )


def distance_m(first: Clue, second: Clue) -> float:
    """Metres of straight line between two points that are near each other."""
    turn_deg = (first.longitude_deg - second.longitude_deg + 180) % 360 - 180
    east = turn_deg * cos(radians((first.latitude_deg + second.latitude_deg) / 2))
    return M_PER_DEG * hypot(east, first.latitude_deg - second.latitude_deg)


def gap_min(first: Clue, second: Clue) -> float:
    """Minutes between the two."""
    return abs((first.at - second.at).total_seconds()) / 60


def _photo_bits(first: Clue, second: Clue) -> int | None:
    if not first.photo_hashes or not second.photo_hashes:
        return None
    return min((one ^ other).bit_count() for one in first.photo_hashes for other in second.photo_hashes)
