"""Is a bearer token genuine, meant for us and of this moment, and who is its caller?"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from lamplight_chassis.clock import Clock
from lamplight_chassis.rights.caller import Caller, Vocabulary
from lamplight_chassis.rights.claims import caller_from
from lamplight_chassis.rights.issuer_keys import KIND_OF_ALGORITHM, IssuerKeys, PublicKey
from lamplight_chassis.rights.refusals import IssuerAway, Refused
from lamplight_chassis.rights.settings import RightsSettings

HEADER = "Authorization"
MAX_TOKEN_BYTES = 8192
MAX_CACHED = 10_000
FAR_S = 2.0**40

WRONG_CLAIMS: Mapping[str, str] = {
    "iss": "is another issuer than the one that is trusted here",
    "aud": "the token is meant for another system",
    "nbf": "the token is not valid yet",
    "iat": "the token was made in the future",
}


class _OneAlgorithm(JWSRegistry):
    """The library warns of EdDSA at each use, a name with a successor in RFC 9864; issuers go on writing it."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name] if name in (self.allowed or ()) else super().get_alg(name)


_REGISTRIES = {
    algorithm: _OneAlgorithm(algorithms=[algorithm], strict_check_header=False) for algorithm in KIND_OF_ALGORITHM
}


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    until_s: float
    generation: int


class Tokens:
    """Verifies tokens, and remembers by their digest those that were good until they expire or the keys change.

    Arguments:
        limit: so many tokens are remembered; the one that was not used for longest gives way.
    """

    def __init__(
        self,
        settings: RightsSettings,
        *,
        keys: IssuerKeys,
        vocabulary: Vocabulary,
        now: Clock,
        limit: int = MAX_CACHED,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._vocabulary = vocabulary
        self._now = now
        self._limit = limit
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    async def caller(self, token: bytes) -> Caller:
        """Who presents this token.

        Raises:
            Refused: credentials_invalid or credentials_expired, and what is wrong.
            IssuerAway: nobody can tell for now.
        """
        digest = blake2b(token, digest_size=32).digest()
        found = self._verified.get(digest)
        if found is not None:
            if found.generation == self._keys.generation and found.until_s > self._now().timestamp():
                self._verified.move_to_end(digest)
                if not self._keys.are_trusted:
                    raise IssuerAway("the issuer of tokens has not been seen for too long to trust its keys")
                return found.caller
            del self._verified[digest]
        verified = await self._verify(token)
        self._verified[digest] = verified
        if len(self._verified) > self._limit:
            self._verified.popitem(last=False)
        return verified.caller

    async def _verify(self, token: bytes) -> _Verified:
        algorithm, key_id = _read_header(token)
        key = await self._keys.find(key_id)
        if key is None:
            raise _invalid("the issuer has no key of this kid")
        if key.kind != KIND_OF_ALGORITHM[algorithm]:
            raise _invalid("alg does not fit the key of this kid")
        # What follows does not wait, so that the keys are of one generation.
        claims = _open(token, algorithm, key)
        self._check(claims)
        caller = caller_from(claims, self._settings, self._vocabulary)
        return _Verified(caller, min(claims["exp"], FAR_S) + self._settings.leeway_s, self._keys.generation)

    def _check(self, claims: dict[str, Any]) -> None:
        settings = self._settings
        assert settings.issuer is not None
        assert settings.audience is not None
        registry = JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=settings.leeway_s,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError as error:
            raise Refused("credentials_expired", HEADER, "exp: the token has expired") from error
        except MissingClaimError as error:
            raise _invalid(f"{error.claim}: is missing") from error
        except InvalidClaimError as error:
            raise _invalid(f"{error.claim}: {WRONG_CLAIMS.get(error.claim, 'cannot be used')}") from error


def _read_header(token: bytes) -> tuple[str, str]:
    """The algorithm and the key id that a token names."""
    if len(token) > MAX_TOKEN_BYTES:
        raise _invalid(f"the token has more than {MAX_TOKEN_BYTES} bytes")
    first, *others = token.split(b".")
    if len(others) != 2:
        raise _invalid("the token is no signed JWT")
    try:
        header = json.loads(base64.urlsafe_b64decode(first + b"=" * (-len(first) % 4)))
    except (ValueError, RecursionError) as error:
        raise _invalid("the header of the token cannot be read") from error
    algorithm, key_id = (header.get("alg"), header.get("kid")) if isinstance(header, dict) else (None, None)
    if not isinstance(algorithm, str) or algorithm not in KIND_OF_ALGORITHM:
        raise _invalid(f"alg must be one of {', '.join(KIND_OF_ALGORITHM)}")
    if not isinstance(key_id, str) or not key_id:
        raise _invalid("the header of the token names no kid")
    return algorithm, key_id


def _open(token: bytes, algorithm: str, key: PublicKey) -> dict[str, Any]:
    try:
        return jwt.decode(token, key.key, registry=_REGISTRIES[algorithm]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise _invalid("the signature does not fit, or the token is damaged") from error


def _invalid(message: str) -> Refused:
    return Refused("credentials_invalid", HEADER, message)
