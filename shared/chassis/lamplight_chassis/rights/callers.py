"""Who sends a request: which credentials does it carry, and whose are they?"""

from __future__ import annotations

from collections.abc import Sequence

from lamplight_chassis.rights.caller import NOBODY, Caller
from lamplight_chassis.rights.key_file import HEADER as KEY_HEADER
from lamplight_chassis.rights.key_file import KeyFile
from lamplight_chassis.rights.refusals import Refused
from lamplight_chassis.rights.tokens import HEADER as TOKEN_HEADER
from lamplight_chassis.rights.tokens import Tokens

CREDENTIALS = frozenset({b"authorization", b"x-api-key"})
BEARER = b"bearer "

Headers = Sequence[tuple[bytes, bytes]]


class Callers:
    """Knows callers by their tokens and keys.

    Arguments:
        tokens: None when no issuer is trusted.
        keys: None when there is no key file.
    """

    def __init__(self, tokens: Tokens | None, keys: KeyFile | None) -> None:
        self._tokens = tokens
        self._keys = keys

    async def identify(self, headers: Headers) -> Caller:
        """Who sends these headers; nobody in particular without credentials.

        Credentials that are no good are refused even where none are needed: their owner believes in them.

        Raises:
            Refused: credentials_invalid or credentials_expired.
            IssuerAway: nobody can tell for now.
        """
        given = [(name, value) for name, value in headers if name in CREDENTIALS]
        if not given:
            return NOBODY
        if len(given) > 1:
            raise Refused("credentials_invalid", TOKEN_HEADER, f"give one of {TOKEN_HEADER} and {KEY_HEADER}, once")
        name, value = given[0]
        if name == b"x-api-key":
            return self.of_key(value.decode("latin-1"))
        if value[: len(BEARER)].lower() != BEARER:
            raise Refused("credentials_invalid", TOKEN_HEADER, "must be Bearer and a token")
        if self._tokens is None:
            raise Refused("credentials_invalid", TOKEN_HEADER, "no issuer of tokens is trusted here")
        return await self._tokens.caller(value[len(BEARER) :].strip())

    def of_key(self, text: str) -> Caller:
        """Who presents this API key.

        Raises:
            Refused: credentials_invalid or credentials_expired.
        """
        if self._keys is None:
            raise Refused("credentials_invalid", KEY_HEADER, "no keys are taken here")
        return self._keys.caller(text)
