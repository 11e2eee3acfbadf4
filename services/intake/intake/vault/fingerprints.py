"""How is a person found by phone or name, without opening every entry?

HMAC-SHA256 under a key of its own: without that key nobody can try all phone numbers against the table.
"""

from __future__ import annotations

import hashlib
import hmac

from intake.vault.entries import Name, Phone, Value
from intake.vault.keys import VaultKeys
from intake.vault.spelling import normal_name


def phone_fingerprint(keys: VaultKeys, phone: Phone) -> bytes:
    """The same 32 bytes for every spelling of a number."""
    return _keyed(keys, b"phone", phone.normal.encode())


def name_fingerprint(keys: VaultKeys, name: Name) -> bytes:
    """The same 32 bytes for every spelling of a name."""
    return _keyed(keys, b"name", normal_name(name.text).encode())


def fingerprint(keys: VaultKeys, value: Value) -> bytes | None:
    """By what an entry can be found, if at all."""
    match value:
        case Phone():
            return phone_fingerprint(keys, value)
        case Name():
            return name_fingerprint(keys, value)
    return None


def request_digest(keys: VaultKeys, body: bytes, *, actor: str) -> int:
    """The digest of a request that names a person: a bare hash of a phone number is undone in seconds.

    With the actor in it, nobody gets the answer that another one was given.
    """
    return int.from_bytes(_keyed(keys, b"request", actor.encode() + b"\x00" + body)[:8], "big", signed=True)


def _keyed(keys: VaultKeys, subject: bytes, content: bytes) -> bytes:
    return hmac.digest(keys.lookup, subject + b"\x00" + content, hashlib.sha256)
