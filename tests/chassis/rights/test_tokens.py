"""Whom does a genuine token name, and until when?"""

from __future__ import annotations

from typing import Any

import pytest

from deploy.issuer.issuer import Issuer
from deploy.issuer.signing_keys import Algorithm
from lamplight_chassis.rights.caller import Caller
from lamplight_chassis.rights.refusals import IssuerAway
from lamplight_chassis.rights.tokens import Tokens
from tests.chassis.rights.parts import AUDIENCE, ISSUER, Hands, Publisher
from tests.chassis.rights.token_parts import claims, make_tokens, refusal


async def test_a_good_token_names_its_caller_with_roles_and_scopes(tokens: Tokens, issuer: Issuer) -> None:
    token = issuer.token("desk-1", roles=["maker", "looker"], scopes={"place": ["a", "b"]})

    caller = await tokens.caller(token.encode())

    assert caller == Caller("desk-1", frozenset({"maker", "looker"}), {"place": frozenset({"a", "b"})})


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_the_three_signatures_are_understood(tokens: Tokens, issuer: Issuer, algorithm: Algorithm) -> None:
    issuer.keys.rotate(algorithm)

    caller = await tokens.caller(issuer.token("desk-1", roles=["maker"]).encode())

    assert caller.name == "desk-1"


@pytest.mark.parametrize(
    ("changes", "reason", "told"),
    [
        ({"iss": "http://other.test"}, "credentials_invalid", "iss: is another issuer"),
        ({"iss": ISSUER + "/"}, "credentials_invalid", "iss: is another issuer"),
        ({"iss": None}, "credentials_invalid", "iss: is missing"),
        ({"iss": 7}, "credentials_invalid", "iss: "),
        ({"aud": "others"}, "credentials_invalid", "aud: the token is meant for another system"),
        ({"aud": ["others", "more"]}, "credentials_invalid", "aud: "),
        ({"aud": None}, "credentials_invalid", "aud: is missing"),
        ({"sub": None}, "credentials_invalid", "sub: is missing"),
        ({"sub": ""}, "credentials_invalid", "sub: "),
        ({"sub": 5}, "credentials_invalid", "sub: "),
        ({"sub": "x" * 257}, "credentials_invalid", "sub: must be a text of at most 256"),
        ({"exp": None}, "credentials_invalid", "exp: is missing"),
        ({"exp": "soon"}, "credentials_invalid", "exp: cannot be used"),
        ({"exp": True}, "credentials_invalid", "exp: cannot be used"),
        ({"exp": float("nan")}, "credentials_invalid", "exp: cannot be used"),
        ({"exp": 0}, "credentials_expired", "exp: the token has expired"),
        ({"nbf": 10**12}, "credentials_invalid", "nbf: the token is not valid yet"),
        ({"iat": 10**12}, "credentials_invalid", "iat: the token was made in the future"),
        ({"roles": 7}, "credentials_invalid", "roles: must be a list of texts"),
        ({"roles": [7]}, "credentials_invalid", "roles: must be a list of texts"),
        ({"scopes": ["place"]}, "credentials_invalid", "scopes: must be an object"),
        ({"scopes": {"place": "a"}}, "credentials_invalid", "scopes: must be an object"),
        ({"scopes": {"places": ["a"]}}, "credentials_invalid", "scopes: restricts by something unknown"),
    ],
)
async def test_a_claim_that_is_wrong_is_named(
    tokens: Tokens, issuer: Issuer, hands: Hands, changes: dict[str, Any], reason: str, told: str
) -> None:
    refused = await refusal(tokens, issuer.sign(claims(hands, **changes)))

    assert refused.reason == reason
    assert refused.message.startswith(told)


async def test_an_audience_may_be_one_of_several(tokens: Tokens, issuer: Issuer, hands: Hands) -> None:
    assert (await tokens.caller(issuer.sign(claims(hands, aud=["others", AUDIENCE])).encode())).name == "desk-1"


@pytest.mark.parametrize(("late_s", "is_good"), [(59, True), (60, False)])
async def test_a_token_expires_a_minute_late(
    tokens: Tokens, issuer: Issuer, hands: Hands, late_s: float, is_good: bool
) -> None:
    token = issuer.token("desk-1", roles=["maker"], lifetime_s=100)
    if is_good:
        hands.passed_s = 100 + late_s
        assert await tokens.caller(token.encode())
        return
    await tokens.caller(token.encode())
    hands.passed_s = 100 + late_s

    assert (await refusal(tokens, token)).reason == "credentials_expired"


@pytest.mark.parametrize(("early_s", "is_good"), [(60, True), (61, False)])
async def test_a_token_is_good_a_minute_before_its_time(
    tokens: Tokens, issuer: Issuer, hands: Hands, early_s: float, is_good: bool
) -> None:
    token = issuer.sign(claims(hands, nbf=int(hands.now().timestamp()) + early_s))

    if is_good:
        assert await tokens.caller(token.encode())
    else:
        assert (await refusal(tokens, token)).message.startswith("nbf:")


async def test_an_expiry_beyond_all_times_is_an_expiry(tokens: Tokens, issuer: Issuer, hands: Hands) -> None:
    assert await tokens.caller(issuer.sign(claims(hands, exp=10**400)).encode())


async def test_roles_are_read_from_a_path_or_a_text_and_unknown_ones_are_left_out(
    publisher: Publisher, issuer: Issuer, hands: Hands
) -> None:
    nested = make_tokens(publisher, hands, roles_claim="realm_access.roles")
    named = make_tokens(publisher, hands, roles_claim="https://names.test/roles", scopes_claim="limits")
    token = issuer.sign(claims(hands, realm_access={"roles": ["looker", "offline_access", "anonymous"]}))
    other = issuer.sign(claims(hands, **{"https://names.test/roles": "maker looker", "limits": {"colour": []}}))

    assert (await nested.caller(token.encode())).roles == {"looker"}
    assert await named.caller(other.encode()) == Caller(
        "desk-1", frozenset({"maker", "looker"}), {"colour": frozenset()}
    )


async def test_a_token_without_roles_has_none(tokens: Tokens, issuer: Issuer, hands: Hands) -> None:
    assert (await tokens.caller(issuer.sign(claims(hands, roles=None)).encode())).roles == frozenset()


async def test_a_token_is_verified_once_and_remembered_until_the_keys_change(
    tokens: Tokens, issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    token = issuer.token("desk-1", roles=["maker"]).encode()
    first = await tokens.caller(token)
    assert await tokens.caller(token) is first

    issuer.keys.rotate()
    issuer.keys.forget_older()
    hands.passed_s = 31
    await tokens.caller(issuer.token("desk-2", roles=["maker"]).encode())

    assert (await refusal(tokens, token)).message == "the issuer has no key of this kid"


async def test_the_token_that_was_not_used_for_longest_is_forgotten(
    publisher: Publisher, issuer: Issuer, hands: Hands
) -> None:
    tokens = make_tokens(publisher, hands, limit=2)
    first, second, third = (issuer.token(name, roles=["maker"]).encode() for name in ("a", "b", "c"))
    kept, dropped = await tokens.caller(first), await tokens.caller(second)
    await tokens.caller(first)

    await tokens.caller(third)

    assert await tokens.caller(first) is kept
    assert await tokens.caller(second) is not dropped


async def test_a_remembered_token_is_not_trusted_when_the_issuer_was_away_for_too_long(
    tokens: Tokens, issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    token = issuer.token("desk-1", roles=["maker"], lifetime_s=86_400).encode()
    await tokens.caller(token)
    publisher.is_away = True

    hands.passed_s = 3600
    assert await tokens.caller(token)
    hands.passed_s = 3601
    with pytest.raises(IssuerAway):
        await tokens.caller(token)
