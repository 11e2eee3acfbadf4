"""Which tokens are not what they seem, and what is said of them?"""

from __future__ import annotations

import base64
import hmac

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey, generate_key

from deploy.issuer.issuer import Issuer
from deploy.issuer.signing_keys import make_key
from lamplight_chassis.rights.tokens import Tokens
from tests.chassis.rights.parts import Hands, Publisher
from tests.chassis.rights.token_parts import claims, part, refusal, sign


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "HS384", "RS512", "PS256", "", None, 7, ["EdDSA"]])
async def test_a_token_of_any_other_algorithm_is_refused(
    tokens: Tokens, issuer: Issuer, hands: Hands, alg: object
) -> None:
    header = part({"alg": alg, "kid": issuer.keys.signing.kid})

    refused = await refusal(tokens, f"{header}.{part(claims(hands))}.")

    assert (refused.reason, refused.message) == (
        "credentials_invalid",
        "alg must be one of RS256, ES256, EdDSA, Ed25519",
    )


async def test_a_public_key_used_as_an_hmac_secret_opens_nothing(tokens: Tokens, issuer: Issuer, hands: Hands) -> None:
    issuer.keys.rotate("RS256")
    public = issuer.keys.signing
    assert isinstance(public, RSAKey)
    header = part({"alg": "HS256", "kid": public.kid})
    signed = f"{header}.{part(claims(hands))}".encode()
    for secret in (public.as_pem(private=False), public.as_der(private=False)):
        signature = base64.urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")

        refused = await refusal(tokens, signed + b"." + signature)

        assert refused.message.startswith("alg must be one of")


async def test_an_hmac_key_among_the_issuers_keys_is_passed_over(
    tokens: Tokens, publisher: Publisher, hands: Hands
) -> None:
    secret = OctKey.import_key(b"x" * 32)
    publisher.extra_keys = [{**secret.as_dict(private=True), "kid": "shared", "alg": "EdDSA"}]
    forged = jwt.encode({"alg": "HS256", "kid": "shared"}, claims(hands), secret, algorithms=["HS256"])
    relabelled = ".".join([part({"alg": "EdDSA", "kid": "shared"}), *forged.split(".")[1:]])

    assert "alg must be" in (await refusal(tokens, forged)).message
    assert (await refusal(tokens, relabelled)).message == "the issuer has no key of this kid"


async def test_an_algorithm_must_fit_the_key(tokens: Tokens, issuer: Issuer, hands: Hands) -> None:
    key = generate_key("EC", "P-256")
    token = sign(key, {"alg": "ES256", "kid": issuer.keys.signing.kid}, claims(hands))

    assert (await refusal(tokens, token)).message == "alg does not fit the key of this kid"


async def test_a_token_of_an_unknown_key_is_refused(tokens: Tokens, hands: Hands) -> None:
    token = sign(make_key("EdDSA"), None, claims(hands))

    assert (await refusal(tokens, token)).message == "the issuer has no key of this kid"


async def test_a_token_that_names_no_key_is_refused(tokens: Tokens, issuer: Issuer, hands: Hands) -> None:
    token = sign(issuer.keys.signing, {"alg": "EdDSA"}, claims(hands))

    assert (await refusal(tokens, token)).message == "the header of the token names no kid"


async def test_a_token_that_was_changed_is_refused(tokens: Tokens, issuer: Issuer, hands: Hands) -> None:
    header, _, signature = issuer.token("desk-1", roles=["looker"]).split(".")
    better = f"{header}.{part(claims(hands, roles=['maker']))}.{signature}"

    refused = await refusal(tokens, better)

    assert (refused.reason, refused.message) == (
        "credentials_invalid",
        "the signature does not fit, or the token is damaged",
    )


async def test_a_token_of_another_key_under_a_known_kid_is_refused(
    tokens: Tokens, issuer: Issuer, hands: Hands
) -> None:
    token = sign(make_key("EdDSA"), {"alg": "EdDSA", "kid": issuer.keys.signing.kid}, claims(hands))

    assert (await refusal(tokens, token)).reason == "credentials_invalid"


async def test_a_token_that_demands_an_unknown_extension_is_refused(
    tokens: Tokens, issuer: Issuer, hands: Hands
) -> None:
    header = part({"alg": "EdDSA", "kid": issuer.keys.signing.kid, "crit": ["later"], "later": 1})
    _, payload, signature = issuer.sign(claims(hands)).split(".")

    assert (await refusal(tokens, f"{header}.{payload}.{signature}")).reason == "credentials_invalid"


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b".",
        b"..",
        b"a.b",
        b"a.b.c.d",
        b"x" * 8193,
        b"\xff.\xfe.\xfd",
        part([]).encode() + b"..",
        part("alg").encode() + b"..",
        base64.urlsafe_b64encode(b"[" * 3000) + b"..",
    ],
)
async def test_a_token_that_is_none_is_refused(tokens: Tokens, token: bytes) -> None:
    assert (await refusal(tokens, token)).reason == "credentials_invalid"


async def test_a_payload_of_endless_depth_is_refused(tokens: Tokens, issuer: Issuer) -> None:
    header = part({"alg": "EdDSA", "kid": issuer.keys.signing.kid})
    deep = base64.urlsafe_b64encode(b"[" * 5000).decode()

    assert (await refusal(tokens, f"{header}.{deep}.AAAA")).reason == "credentials_invalid"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_no_garbage_is_a_token_or_breaks_anything(
    tokens: Tokens, issuer: Issuer, hands: Hands, data: st.DataObject
) -> None:
    good = issuer.sign(claims(hands)).encode()
    at = data.draw(st.integers(0, len(good)))
    garbage = data.draw(st.binary(min_size=1, max_size=40))
    token = data.draw(st.sampled_from([garbage, good[:at] + garbage + good[at:], good[:at] + garbage + good[at + 1 :]]))
    if token.rstrip(b"=") == good:
        return

    assert (await refusal(tokens, token)).reason == "credentials_invalid"
