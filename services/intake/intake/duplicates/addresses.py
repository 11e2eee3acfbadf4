"""Do two written addresses name the same house, the same street, or neither?"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final

_NUMBER: Final = re.compile(r"\d+")
# Words that one writer spells out and the next leaves away.
_FILLING: Final = frozenset(
    [
        "street",
        "st",
        "avenue",
        "ave",
        "av",
        "drive",
        "dr",
        "road",
        "rd",
        "boulevard",
        "blvd",
        "lane",
        "ln",
        "court",
        "ct",
        "place",
        "pl",
        "way",
    ]
)


class AddressMatch(StrEnum):
    """What two addresses have in common."""

    UNKNOWN = "unknown"
    SAME_HOUSE = "same_house"
    SAME_STREET = "same_street"
    OTHER_STREET = "other_street"


def match_addresses(first: str, second: str) -> AddressMatch:
    """Compare what stands before the first comma: the first number is the house, the other words are the street."""
    one_number, one_street = _read(first)
    other_number, other_street = _read(second)
    if not one_street or not other_street:
        return AddressMatch.UNKNOWN
    if one_street != other_street:
        return AddressMatch.OTHER_STREET
    is_same = one_number == other_number and one_number != ""
    return AddressMatch.SAME_HOUSE if is_same else AddressMatch.SAME_STREET


@lru_cache(maxsize=4096)
def _read(address: str) -> tuple[str, str]:
    plain = unicodedata.normalize("NFKC", address[:120]).casefold().split(",", 1)[0]
    number = _NUMBER.search(plain)
    words = re.findall(r"[^\W_]+", _NUMBER.sub(" ", plain, count=1) if number else plain)
    street = " ".join(word for word in words if word not in _FILLING)
    return (number.group() if number else "", street.removesuffix(" 号"))
