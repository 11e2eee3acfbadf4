"""How does a test make tokens, good and bad, and what is said of them?"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key

from lamplight_chassis.rights.refusals import Refused
from lamplight_chassis.rights.tokens import Tokens
from tests.chassis.rights.parts import AUDIENCE, ISSUER, VOCABULARY, Hands, Publisher, issuer_keys, some_settings


def make_tokens(publisher: Publisher, hands: Hands, *, limit: int = 100, **changes: Any) -> Tokens:
    keys = issuer_keys(publisher, hands)
    return Tokens(some_settings(**changes), keys=keys, vocabulary=VOCABULARY, now=hands.now, limit=limit)


def claims(hands: Hands, **changes: Any) -> dict[str, Any]:
    """What a good token says, with changes; None leaves a claim out."""
    now_s = int(hands.now().timestamp())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "desk-1", "exp": now_s + 600, "roles": ["maker"]}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


async def refusal(tokens: Tokens, token: str | bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        await tokens.caller(token if isinstance(token, bytes) else token.encode())
    return caught.value


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def sign(key: Key, header: dict[str, Any] | None, content: dict[str, Any]) -> str:
    """A token of any key, under any header."""
    if isinstance(key, ECKey):
        return jwt.encode(header or {"alg": "ES256"}, content, key)
    header = {**(header or {"alg": "EdDSA", "kid": key.kid}), "alg": "Ed25519"}
    bare = type(key).import_key({k: v for k, v in key.as_dict(private=True).items() if k != "alg"})
    return jwt.encode(header, content, bare, algorithms=["Ed25519"])
