"""How is a value locked, so that it opens only at its own place and with the right key?

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits: at most 2**32 values under one key, which is rotated long
before. The entry's id, owner, party and kind are bound to it: a value that is moved to another row does not open there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.vault.entries import Kind, Party, Value, from_plain, to_plain
from intake.vault.keys import VaultKeys

NONCE_BYTES = 12
FORMAT = b"lamplight.vault.1"


class CannotOpen(Exception):
    """A value that was changed, stands in a foreign row, or whose key is gone; names ids, never content."""

    def __init__(self, entry_id: UUID, key_id: str, why: str) -> None:
        self.entry_id = entry_id
        self.key_id = key_id
        super().__init__(f"entry {entry_id} under key {key_id}: {why}")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A locked value and which key locked it."""

    key_id: str
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of one person as the vault holds it.

    Arguments:
        fingerprint: keyed hash by which a phone or name is found; None for other kinds.
        sealed: None once only the fingerprint is left, since `emptied_at`.
        locked_at: since when nobody may pull it, because the consent that it rested on was withdrawn.
    """

    id: UUID
    owner_id: UUID
    party: Party
    kind: Kind
    report_id: UUID
    case_id: UUID
    zone: str
    is_confidential: bool
    kept_at: datetime
    fingerprint: bytes | None = field(repr=False)
    sealed: Sealed | None
    locked_at: datetime | None = None
    emptied_at: datetime | None = None


def seal(keys: VaultKeys, value: Value, *, entry_id: UUID, owner_id: UUID, party: Party) -> Sealed:
    """Lock a value for one entry under the current key of its class."""
    ring = keys.ring_of(value.kind)
    nonce = os.urandom(NONCE_BYTES)
    bound = _bound(entry_id, owner_id, party, value.kind)
    return Sealed(ring.current, nonce, AESGCM(ring.keys[ring.current]).encrypt(nonce, to_plain(value), bound))


def open_entry(keys: VaultKeys, entry: Entry) -> Value | None:
    """An entry's value, or None when only its fingerprint is left.

    Raises:
        CannotOpen: it was changed or moved, or its key is not there.
    """
    if entry.sealed is None:
        return None
    key = keys.ring_of(entry.kind).keys.get(entry.sealed.key_id)
    if key is None:
        raise CannotOpen(entry.id, entry.sealed.key_id, "this key is not there")
    bound = _bound(entry.id, entry.owner_id, entry.party, entry.kind)
    try:
        plain = AESGCM(key).decrypt(entry.sealed.nonce, entry.sealed.ciphertext, bound)
    except (InvalidTag, ValueError):
        raise CannotOpen(entry.id, entry.sealed.key_id, "it is not what was locked here") from None
    return from_plain(entry.kind, plain)


def _bound(entry_id: UUID, owner_id: UUID, party: Party, kind: Kind) -> bytes:
    return b"\x00".join((FORMAT, entry_id.bytes, owner_id.bytes, party.encode(), kind.encode()))
