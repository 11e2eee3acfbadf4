"""What may a screen show of a person to somebody who has not asked for the whole?"""

from __future__ import annotations

import unicodedata

from intake.vault.entries import MedicineList, Name, Phone, Value

HIDDEN = "***"
CONFIDENTIAL = "保密"

MAX_STARS = 3
LONG_PHONE = 11
SHORT_PHONE = 7


def mask(value: Value) -> str:
    """`138****5678`, `王**`, `药品 3 种`; of everything else nothing."""
    match value:
        case Name(text):
            return mask_name(text)
        case Phone():
            return mask_phone(value.normal)
        case MedicineList(items):
            return f"药品 {len(items)} 种"
    return HIDDEN


def mask_phone(number: str) -> str:
    """The first three and last four digits of eleven or more, the last two of seven or more, else none."""
    digits = number.removeprefix("+")
    if len(digits) >= LONG_PHONE:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= SHORT_PHONE else "****"


def mask_name(name: str) -> str:
    """The first letter, and a star for each of the others, at most three; a name of one letter is all star.

    Marks that belong to a letter, or only steer how it is written, are no letters.
    """
    shown = [character for character in unicodedata.normalize("NFC", name) if _is_letter(character)]
    if len(shown) <= 1:
        return "*"
    return shown[0] + "*" * min(len(shown) - 1, MAX_STARS)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"
