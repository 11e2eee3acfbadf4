"""With which keys does the vault lock, which is the newest, and where do they come from?"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from intake.vault.entries import Kind

KEY_BYTES = 32
KEYS, HEALTH_KEYS, LOOKUP_KEY = "VAULT_KEYS", "VAULT_HEALTH_KEYS", "VAULT_LOOKUP_KEY"
VARIABLES = (KEYS, HEALTH_KEYS, LOOKUP_KEY)
OWNER_ONLY = 0o600

_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class BadKeys(ValueError):
    """Keys that must not be used; the text names the variable, place and rule, and never a key."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one class of data by id; the current one locks, all of them open."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """Everything the vault needs to lock, open and find.

    Arguments:
        health: medicine lists have keys of their own, so that whoever gets the others still reads none.
        lookup: for the keyed hash of phones and names; it has no successor, because a hash cannot be locked anew.
    """

    general: KeyRing
    health: KeyRing
    lookup: bytes = field(repr=False)

    def __post_init__(self) -> None:
        shared = set(self.general.keys) & set(self.health.keys)
        if shared:
            raise BadKeys(f"{HEALTH_KEYS}: the id {min(shared)} is also in {KEYS}")
        every = [*self.general.keys.values(), *self.health.keys.values(), self.lookup]
        if len(set(every)) != len(every):
            raise BadKeys(f"{', '.join(VARIABLES)}: one key stands twice; each must be made anew")

    def ring_of(self, kind: Kind) -> KeyRing:
        return self.health if kind is Kind.MEDICINES else self.general

    @property
    def current_ids(self) -> frozenset[str]:
        return frozenset((self.general.current, self.health.current))

    @property
    def ids(self) -> frozenset[str]:
        return frozenset((*self.general.keys, *self.health.keys))


def choose_keys(given: Mapping[str, str], *, laptop_file: Path | None) -> VaultKeys:
    """The keys to start with.

    Arguments:
        given: the three variables' values, empty where not set.
        laptop_file: where a laptop makes and keeps its own; None in production, which then needs all three.

    Raises:
        BadKeys: none are given and none may be made, or those that are given break a rule.
    """
    if any(given.get(variable) for variable in VARIABLES):
        return read_keys(given)
    if laptop_file is None:
        raise BadKeys(f"{', '.join(VARIABLES)}: must be set; without keys no personal data can be kept")
    return laptop_keys(laptop_file)


def read_keys(given: Mapping[str, str]) -> VaultKeys:
    """The keys in the three variables, each `id:base64,id:base64` with the current one first; the lookup key is bare.

    Raises:
        BadKeys: names the variable and the place in it.
    """
    return VaultKeys(
        general=_ring(KEYS, given.get(KEYS, "")),
        health=_ring(HEALTH_KEYS, given.get(HEALTH_KEYS, "")),
        lookup=_key(LOOKUP_KEY, given.get(LOOKUP_KEY, "").strip()),
    )


def laptop_keys(path: Path) -> VaultKeys:
    """The keys in a file that only its owner may read; the first call makes it, however many come at once.

    Raises:
        BadKeys: others may read the file, or it is not what this function wrote.
    """
    if not path.exists():
        _write_once(path, _new_variables())
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & ~OWNER_ONLY:
        raise BadKeys(f"{path}: has mode {mode:o}, must be {OWNER_ONLY:o}")
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    return read_keys(dict(line.split("=", 1) for line in lines if "=" in line))


def _new_variables() -> str:
    general, health, lookup = (base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() for _ in VARIABLES)
    return f"{KEYS}=laptop-1:{general}\n{HEALTH_KEYS}=laptop-health-1:{health}\n{LOOKUP_KEY}={lookup}\n"


def _write_once(path: Path, content: str) -> None:
    """Whole or not at all, and never over what another process wrote a moment before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)  # mkstemp gives mode 600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(content)
    try:
        os.link(name, path)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()


def _ring(variable: str, text: str) -> KeyRing:
    keys: dict[str, bytes] = {}
    for place, item in enumerate(text.split(","), start=1):
        where = f"{variable}, key {place}"
        key_id, colon, key = item.strip().partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            raise BadKeys(f"{where}: must be id:base64, the id of 1 to 32 letters, digits, dots, dashes, underscores")
        if key_id in keys:
            raise BadKeys(f"{where}: the id {key_id} is there twice")
        keys[key_id] = _key(where, key)
    return KeyRing(current=next(iter(keys)), keys=MappingProxyType(keys))


def _key(where: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadKeys(f"{where}: is not base64") from None
    if len(key) != KEY_BYTES:
        raise BadKeys(f"{where}: must be {KEY_BYTES} bytes in base64, not {len(key)}")
    return key
