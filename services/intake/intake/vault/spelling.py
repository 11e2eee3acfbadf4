"""When are two spellings of a phone number, or of a name, the same?"""

from __future__ import annotations

import re
import unicodedata

from lamplight_chassis.errors import Rejected

MIN_PHONE_DIGITS = 5
MAX_PHONE_DIGITS = 15  # ITU-T E.164
MAX_NATIONAL_DIGITS = 12

_PHONE = re.compile(rf"\+?\d{{{MIN_PHONE_DIGITS},{MAX_PHONE_DIGITS}}}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_SERVICE_NUMBER = re.compile(r"[48]00\d{7}")
_CHINA = re.compile(r"(?:\+|00)86(?=\d{5,})|86(?=1[3-9]\d{9}$)")
_BETWEEN_DIGITS = frozenset("-.()/·‐‑‒–—―−")
_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "∙": "·"})


def normal_phone(text: str) -> str:
    """One spelling for all of a number's: `+86 138-0000-0000` and `１３８００００００００` are both `13800000000`.

    Chinese numbers lose their country code and get the trunk zero; others keep a leading `+`.

    Raises:
        Rejected: it is no number of 5 to 15 digits.
    """
    compact = "".join(_digit(character) for character in _visible(text) if character not in _BETWEEN_DIGITS)
    national, is_chinese = _CHINA.subn("", compact, count=1) if _CHINA.match(compact) else (compact, 0)
    number = _with_trunk_zero(national) if is_chinese else re.sub(r"^00(?=[1-9])", "+", national)
    if not _PHONE.fullmatch(number):
        limits = f"{MIN_PHONE_DIGITS} to {MAX_PHONE_DIGITS} digits, with or without a country code"
        raise Rejected("bad_value", f"phone: must be {limits}")
    return number


def normal_name(text: str) -> str:
    """One spelling for all of a name's: no width, case, invisible marks or repeated spaces (Unicode NFKC)."""
    return " ".join(_visible(text, space=" ").translate(_DOTS).casefold().split())


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return not _visible(text)


def _visible(text: str, *, space: str = "") -> str:
    """The characters that are seen; phones copied from an address book come wrapped in writing-direction marks."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(space if c.isspace() else c for c in normal if unicodedata.category(c) != "Cf")


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _with_trunk_zero(number: str) -> str:
    """Abroad one writes +86 512 ..., at home 0512 ..."""
    is_complete = number.startswith("0") or _MOBILE.fullmatch(number) or _SERVICE_NUMBER.fullmatch(number)
    return number if is_complete or not 9 <= len(number) <= MAX_NATIONAL_DIGITS - 1 else f"0{number}"
