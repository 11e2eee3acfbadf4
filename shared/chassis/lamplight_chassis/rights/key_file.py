"""Which API keys are good now, as the file says that people edit while we run?

Columns: `id,hash,name,roles,scopes,expires,note`. `roles` are words; `scopes` are words such as `place=a|b`; `expires`
is a day (until it begins, in UTC) or a time with its offset, empty for never. A key whose line is taken out is good no
more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog

from lamplight_chassis.clock import Clock
from lamplight_chassis.rights.api_keys import HASH, ID, ApiKey, split_key
from lamplight_chassis.rights.caller import ANONYMOUS, Caller, Scopes, Vocabulary
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.refusals import Refused
from lamplight_chassis.rights.table import Row, TableError, read_rows

log = structlog.get_logger()

COLUMNS = ("id", "hash", "name", "roles", "scopes", "expires", "note")
HEADER = "X-API-Key"
LOOK_EVERY_S = 1.0

Stamp = tuple[int, int, int]


class KeyFile:
    """The keys of a file.

    Raises:
        TableError: the file cannot be used as it is at the start; later the keys before it stay.
    """

    def __init__(self, path: Path, *, vocabulary: Vocabulary, metrics: RightsMetrics, now: Clock) -> None:
        self._path = path
        self._vocabulary = vocabulary
        self._metrics = metrics
        self._now = now
        self._stamp = _stamp(path)
        self._keys = read_keys(path, vocabulary)

    def caller(self, text: str) -> Caller:
        """Who presents this key.

        Raises:
            Refused: credentials_invalid or credentials_expired.
        """
        parts = split_key(text)
        key = self._keys.get(parts[0]) if parts else None
        if parts is None or key is None or not key.fits(parts[1]):
            raise Refused("credentials_invalid", HEADER, "there is no such key")
        if key.expires_at is not None and key.expires_at <= self._now():
            raise Refused("credentials_expired", HEADER, "the key has expired")
        return key.caller

    def look(self) -> None:
        """Take up the file when it has changed; one that cannot be used changes nothing but a figure and the log."""
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = read_keys(self._path, self._vocabulary)
        except TableError as error:
            self._metrics.key_file_errors.inc()
            self._metrics.key_file_is_stale.set(1)
            log.error("rights.key_file_refused", error=str(error), keys_kept=len(self._keys))
            return
        self._metrics.key_file_is_stale.set(0)
        log.info("rights.key_file_read", keys=len(self._keys))

    async def run(self) -> None:
        """Look again and again, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await asyncio.to_thread(self.look)


def read_keys(path: Path, vocabulary: Vocabulary) -> Mapping[str, ApiKey]:
    """The keys of a file, by their id.

    Raises:
        TableError: names the line and the field that cannot be used.
    """
    keys: dict[str, ApiKey] = {}
    for row in read_rows(path, COLUMNS):
        key = _key(row, vocabulary)
        if key.id in keys:
            row.refuse("id", f"{key.id} is there more than once")
        keys[key.id] = key
    return keys


def _key(row: Row, vocabulary: Vocabulary) -> ApiKey:
    key_id, digest = row.text("id"), row.text("hash")
    if not ID.fullmatch(key_id):
        row.refuse("id", f"is not of the form {ID.pattern}")
    if not HASH.fullmatch(digest):
        row.refuse("hash", "is not a SHA-256 of 64 hexadecimal digits")
    row.text("roles")
    roles = frozenset(row.words("roles"))
    for role in sorted(roles):
        if role not in vocabulary.roles or role == ANONYMOUS:
            row.refuse("roles", f"{role!r} is no role that a key can have")
    return ApiKey(key_id, digest, Caller(row.text("name"), roles, _scopes(row, vocabulary)), _expires_at(row))


def _scopes(row: Row, vocabulary: Vocabulary) -> Scopes:
    scopes: dict[str, frozenset[str]] = {}
    for word in row.words("scopes"):
        dimension, equals, values = word.partition("=")
        if not equals or not all(values.split("|")):
            row.refuse("scopes", f"{word!r} is not of the form dimension=value|value")
        if dimension not in vocabulary.dimensions:
            row.refuse("scopes", f"{dimension!r} is no dimension; known are {', '.join(sorted(vocabulary.dimensions))}")
        if dimension in scopes:
            row.refuse("scopes", f"{dimension!r} is there more than once")
        scopes[dimension] = frozenset(values.split("|"))
    return scopes


def _expires_at(row: Row) -> datetime | None:
    text = row.cells["expires"]
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00")
    except ValueError:
        row.refuse("expires", f"{text!r} is neither a day such as 2027-06-30 nor a time with its offset")
    if moment.tzinfo is None:
        row.refuse("expires", f"{text!r} has no offset: say Z for UTC")
    return moment.astimezone(UTC)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
