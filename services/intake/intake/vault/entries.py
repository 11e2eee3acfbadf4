"""What may the vault keep of a person, and within which limits?

Nothing here shows its content in `repr` or `str`, and no refusal repeats what was refused.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from intake.vault.spelling import is_blank, normal_phone
from lamplight_chassis.errors import Rejected

MAX_MEDICINES = 50
MAX_MEDICINE_LENGTH = 200
LINE_BREAKS = frozenset("\n\r\t")


class Kind(StrEnum):
    """What an entry says about a person."""

    NAME = "name"
    PHONE = "phone"
    CONTACT = "contact"
    ADDRESS = "address"
    HOUSE_NUMBER = "house_number"
    FREE_TEXT = "free_text"
    MEDICINES = "medicines"


class Party(StrEnum):
    """Whom an entry is about: the one who tells, or the one for whom something is brought."""

    REPORTER = "reporter"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class TextValue:
    """A text of at least one visible character, without control characters.

    A limit may grow, never shrink: what was kept under the old one must still be readable.
    """

    kind: ClassVar[Kind]
    limit: ClassVar[int]
    also_allowed: ClassVar[frozenset[str]] = frozenset()

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        check_text(self.kind, self.text, limit=self.limit, also_allowed=self.also_allowed)

    @property
    def content(self) -> str:
        return self.text


class Name(TextValue):
    """What a person is called."""

    __slots__ = ()
    kind = Kind.NAME
    limit = 100


class Phone(TextValue):
    """A phone number, as it was written."""

    __slots__ = ()
    kind = Kind.PHONE
    limit = 40

    def __post_init__(self) -> None:
        TextValue.__post_init__(self)
        normal_phone(self.text)

    @property
    def normal(self) -> str:
        """The one spelling by which the number is found."""
        return normal_phone(self.text)


class Contact(TextValue):
    """Another way to reach somebody: a mail address, the name in a messenger."""

    __slots__ = ()
    kind = Kind.CONTACT
    limit = 254


class Address(TextValue):
    """Where somebody lives, when street and house cannot be told apart."""

    __slots__ = ()
    kind = Kind.ADDRESS
    limit = 500
    also_allowed = LINE_BREAKS


class HouseNumber(TextValue):
    """House, stairs, flat: what makes a public street somebody's home."""

    __slots__ = ()
    kind = Kind.HOUSE_NUMBER
    limit = 100


class FreeText(TextValue):
    """What somebody says in their own words: a shopping list, where the key is."""

    __slots__ = ()
    kind = Kind.FREE_TEXT
    limit = 4000
    also_allowed = LINE_BREAKS


@dataclass(frozen=True, slots=True)
class MedicineList:
    """Which medicines somebody needs: about health, and therefore sensitive (PIPL art. 28)."""

    kind: ClassVar[Kind] = Kind.MEDICINES

    items: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.items) <= MAX_MEDICINES:
            raise Rejected("bad_value", f"medicines: must be 1 to {MAX_MEDICINES} items, not {len(self.items)}")
        for place, item in enumerate(self.items):
            check_text(f"medicines.{place}", item, limit=MAX_MEDICINE_LENGTH)

    @property
    def content(self) -> list[str]:
        return list(self.items)


Value = Name | Phone | Contact | Address | HouseNumber | FreeText | MedicineList

TEXT_VALUES: Mapping[Kind, type[Name | Phone | Contact | Address | HouseNumber | FreeText]] = {
    value.kind: value for value in (Name, Phone, Contact, Address, HouseNumber, FreeText)
}


@dataclass(frozen=True, slots=True)
class Person:
    """One person as one report tells of them; each kind of value at most once.

    Arguments:
        owner_id: this person in this report; the same neighbour in another report is another owner.
        zone: the street of the report, by which a community worker's reach is known.
        is_confidential: the person asked to stay unknown (保密): only the call-back desk may see who it is.
    """

    owner_id: UUID
    party: Party
    report_id: UUID
    case_id: UUID
    zone: str
    values: tuple[Value, ...]
    is_confidential: bool = False

    def __post_init__(self) -> None:
        kinds = [value.kind for value in self.values]
        if len(set(kinds)) != len(kinds):
            raise Rejected("bad_value", f"{self.party}: at most one value of each kind, not {len(kinds)} of {kinds}")


def make_value(kind: Kind, content: str | Sequence[str]) -> Value:
    """The value of a kind.

    Raises:
        Rejected: it is of another form, or breaks the kind's limit.
    """
    if isinstance(content, str) is (kind is Kind.MEDICINES):
        raise Rejected("bad_value", f"{kind}: must be {'a list of texts' if kind is Kind.MEDICINES else 'a text'}")
    return TEXT_VALUES[kind](content) if isinstance(content, str) else MedicineList(tuple(content))


def to_plain(value: Value) -> bytes:
    """The bytes that are encrypted."""
    return json.dumps(value.content, ensure_ascii=False).encode()


def from_plain(kind: Kind, plain: bytes) -> Value:
    """The value that `to_plain` wrote."""
    return make_value(kind, json.loads(plain))


def check_text(name: str, text: str, *, limit: int, also_allowed: frozenset[str] = frozenset()) -> None:
    """Refuse a text that is too long, shows nothing, or holds what no person types.

    Raises:
        Rejected: names the field and the limit, never the text.
    """
    if len(text) > limit:
        raise Rejected("bad_value", f"{name}: at most {limit} characters, not {len(text)}")
    if "\x00" in text:
        raise Rejected("bad_value", f"{name}: must not contain the NUL character")
    categories = {unicodedata.category(character) for character in text if character not in also_allowed}
    if "Cc" in categories:
        raise Rejected("bad_value", f"{name}: must not contain control characters")
    if "Cs" in categories:
        raise Rejected("bad_value", f"{name}: must not contain half of a character (a lone surrogate)")
    if is_blank(text):
        raise Rejected("bad_value", f"{name}: must contain at least one visible character")
