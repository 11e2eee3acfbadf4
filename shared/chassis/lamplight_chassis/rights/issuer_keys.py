"""With which public keys does the issuer sign now, and what when it is away?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import Key, RSAKey, import_key

from lamplight_chassis.rights.documents import BadDocument, read_document
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.refusals import IssuerAway

log = structlog.get_logger()

EMPTY_RETRY_S = 1.0
MIN_RSA_BITS = 2048
DISCOVERY = "/.well-known/openid-configuration"
# Which kind of key each algorithm needs. HMAC is not among them: whoever could check a token could make one.
KIND_OF_ALGORITHM: Mapping[str, str] = {"RS256": "RSA", "ES256": "P-256", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}

Read = Callable[[str], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key, and its kind: a value of `KIND_OF_ALGORITHM`."""

    kind: str
    key: Key


class IssuerKeys:
    """Keeps the issuer's keys; an unknown one makes it ask again, but not every time.

    Arguments:
        jwks_url: asked of the discovery document when None.
        refresh_s: how often it asks anyway.
        retry_s: how long after one question the next may follow.
        keep_s: how long keys are trusted when no question is answered.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        *,
        issuer: str,
        jwks_url: str | None,
        refresh_s: float,
        retry_s: float,
        keep_s: float,
        metrics: RightsMetrics,
        read: Read = read_document,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._refresh_s = refresh_s
        self._retry_s = retry_s
        self._keep_s = keep_s
        self._metrics = metrics
        self._read = read
        self._monotonic = monotonic
        self._keys: Mapping[str, PublicKey] = {}
        self._read_at_s: float | None = None
        self._tried_at_s: float | None = None
        self._asking = asyncio.Lock()
        self.generation = 0
        metrics.issuer_keys_age_seconds.set_function(lambda: self._age_s)

    @property
    def are_trusted(self) -> bool:
        """Whether there are keys, and young enough."""
        return self._age_s <= self._keep_s

    async def find(self, key_id: str) -> PublicKey | None:
        """The key of this id, None when the issuer has no such key.

        Raises:
            IssuerAway: nobody can tell for now.
        """
        if key_id not in self._keys:
            async with self._asking:
                if key_id not in self._keys and self._may_ask:
                    await self._ask()
        if not self.are_trusted:
            raise IssuerAway("the issuer of tokens cannot be reached, so that no token can be judged for now")
        return self._keys.get(key_id)

    async def run(self) -> None:
        """Ask again and again, for ever."""
        while True:
            async with self._asking:
                is_answered = await self._ask()
            await asyncio.sleep(self._refresh_s if is_answered else self._pause_s)

    @property
    def _age_s(self) -> float:
        return float("inf") if self._read_at_s is None else self._monotonic() - self._read_at_s

    @property
    def _pause_s(self) -> float:
        return self._retry_s if self._keys else min(EMPTY_RETRY_S, self._retry_s)

    @property
    def _may_ask(self) -> bool:
        return self._tried_at_s is None or self._monotonic() - self._tried_at_s >= self._pause_s

    async def _ask(self) -> bool:
        self._tried_at_s = self._monotonic()
        try:
            keys = _keys_of(await self._read(self._jwks_url or await self._discover()))
        except (BadDocument, OSError, TimeoutError) as error:
            self._metrics.issuer_failures.inc()
            log.warning("rights.issuer_away", issuer=self._issuer, error=f"{type(error).__name__}: {error}")
            return False
        self._read_at_s = self._monotonic()
        if {key_id: key.key for key_id, key in keys.items()} != {key_id: key.key for key_id, key in self._keys.items()}:
            self.generation += 1
            log.info("rights.issuer_keys_changed", issuer=self._issuer, keys=len(keys))
        self._keys = keys
        return True

    async def _discover(self) -> str:
        found = await self._read(self._issuer.rstrip("/") + DISCOVERY)
        if found.get("issuer") != self._issuer:
            raise BadDocument("the discovery document is another issuer's")
        if not isinstance(url := found.get("jwks_uri"), str):
            raise BadDocument("the discovery document names no jwks_uri")
        if self._issuer.startswith("https:") and not url.startswith("https:"):
            raise BadDocument("the discovery document leads away from https")
        return url


def _keys_of(document: Mapping[str, Any]) -> Mapping[str, PublicKey]:
    """The keys of a JWK set that can check a signature here; others are passed over (RFC 7517, section 5)."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise BadDocument("the key document has no list of keys")
    keys: dict[str, PublicKey] = {}
    for data in listed:
        key_id = data.get("kid") if isinstance(data, dict) else None
        if isinstance(key_id, str) and (key := _public_key(data)) is not None:
            keys.setdefault(key_id, key)
    if not keys:
        raise BadDocument("the key document has no key that can be used")
    return keys


def _public_key(data: dict[str, Any]) -> PublicKey | None:
    kind = "RSA" if data.get("kty") == "RSA" else data.get("crv")
    fitting = [algorithm for algorithm, needed in KIND_OF_ALGORITHM.items() if needed == kind]
    if not fitting or data.get("alg", fitting[0]) not in fitting or data.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(data)
        is_weak = isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if is_weak else PublicKey(str(kind), key)
