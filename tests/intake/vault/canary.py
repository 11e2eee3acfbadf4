"""Which values must be seen nowhere but in the answer to whoever may read them?"""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Iterator

from intake.vault.entries import Address, Contact, FreeText, HouseNumber, MedicineList, Name, Phone, Value

NAME, PHONE, HOUSE = "金丝雀测", "13877665544", "77幢7单元7707室"
MEDICINE, WORDS, ADDRESS, MAIL = "金丝雀止痛片", "金丝雀的钥匙在花盆下", "金丝雀路 7707 号", "canary.bird@example.org"
RECIPIENT: tuple[Value, ...] = (
    Name(NAME),
    Phone(f"+86 {PHONE}"),
    HouseNumber(HOUSE),
    Address(ADDRESS),
    FreeText(WORDS),
    Contact(MAIL),
    MedicineList((MEDICINE, "创可贴")),
)
REPORTER: tuple[Value, ...] = tuple(value for value in RECIPIENT if not isinstance(value, MedicineList))
SHORTEST_BASE64 = 8  # less stands in any text by chance
SIGNS = ("金丝雀", PHONE, HOUSE, "7707室", MAIL)


def assert_no_canary(text: object, where: str) -> None:
    """Fail when anything of a canary is in a text, bytes or exception, in clear or in a usual disguise."""
    seen = _text_of(text)
    found = [sign for sign in SIGNS if any(disguise in seen for disguise in _disguises(sign))]
    assert not found, f"{where} shows {len(found)} canaries, the first at: {_context(seen, found[0])}"


def _text_of(thing: object) -> str:
    if isinstance(thing, BaseException):
        return "\n".join((repr(thing), str(thing), *traceback.format_exception(thing)))
    return thing.decode("utf-8", "replace") if isinstance(thing, bytes) else str(thing)


def _disguises(sign: str) -> Iterator[str]:
    plain = sign.encode()
    yield sign
    yield json.dumps(sign)[1:-1]
    yield repr(plain)[2:-1]
    yield plain.hex()
    for lead in range(3):  # base64 of a text that begins anywhere in a group of three bytes
        encoded = base64.b64encode(b"\x00" * lead + plain).decode()[4 if lead else 0 : -4]
        if len(encoded) >= SHORTEST_BASE64:
            yield encoded


def _context(seen: str, sign: str) -> str:
    place = min(seen.find(disguise) for disguise in _disguises(sign) if disguise in seen)
    return seen[max(0, place - 60) : place + 30]
