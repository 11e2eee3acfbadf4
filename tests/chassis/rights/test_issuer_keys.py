"""Which keys does a service know, and how often does it ask for them?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey, generate_key
from prometheus_client import CollectorRegistry

from deploy.issuer.issuer import Issuer
from deploy.issuer.signing_keys import make_key
from lamplight_chassis.rights.issuer_keys import IssuerKeys
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.refusals import IssuerAway
from tests.chassis.rights.parts import ISSUER, Hands, Publisher, issuer_keys
from tests.polling import until

DISCOVERY = "/.well-known/openid-configuration"


def kid(issuer: Issuer) -> str:
    return str(issuer.keys.signing.kid)


async def test_keys_are_found_through_the_discovery_document(
    issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    keys = issuer_keys(publisher, hands)

    assert await keys.find(kid(issuer))
    assert publisher.asked == [DISCOVERY, "/jwks"]


async def test_keys_are_found_where_a_setting_says(issuer: Issuer, publisher: Publisher, hands: Hands) -> None:
    keys = issuer_keys(publisher, hands, jwks_url=f"{ISSUER}/jwks")

    assert await keys.find(kid(issuer))
    assert publisher.asked == ["/jwks"]


async def test_a_known_key_asks_nobody(issuer: Issuer, publisher: Publisher, hands: Hands) -> None:
    keys = issuer_keys(publisher, hands)
    await keys.find(kid(issuer))
    publisher.asked.clear()

    hands.passed_s = 3000
    await keys.find(kid(issuer))

    assert publisher.asked == []


async def test_unknown_keys_ask_again_but_not_every_time(issuer: Issuer, publisher: Publisher, hands: Hands) -> None:
    keys = issuer_keys(publisher, hands, jwks_url=f"{ISSUER}/jwks", retry_s=30)
    await keys.find(kid(issuer))

    for _ in range(50):
        assert await keys.find("unknown") is None
    hands.passed_s = 29.9
    assert await keys.find("unknown") is None
    assert publisher.asked == ["/jwks"]

    hands.passed_s = 30
    await asyncio.gather(*(keys.find(f"unknown-{number}") for number in range(50)))
    assert publisher.asked == ["/jwks", "/jwks"]


async def test_a_new_key_is_found_and_one_that_was_withdrawn_is_not(
    issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    keys = issuer_keys(publisher, hands)
    old = kid(issuer)
    await keys.find(old)
    issuer.keys.rotate()

    hands.passed_s = 30
    assert await keys.find(kid(issuer))
    assert await keys.find(old)

    issuer.keys.forget_older()
    hands.passed_s = 60
    await keys.find("unknown")
    assert await keys.find(old) is None


async def test_a_new_generation_begins_only_when_the_keys_change(
    issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    keys = issuer_keys(publisher, hands)
    await keys.find(kid(issuer))
    first = keys.generation
    hands.passed_s = 30
    await keys.find("unknown")
    assert keys.generation == first

    issuer.keys.rotate()
    hands.passed_s = 60
    await keys.find("unknown")

    assert keys.generation == first + 1


async def test_an_issuer_that_is_away_at_the_start_is_asked_again_soon(
    issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    publisher.is_away = True
    keys = issuer_keys(publisher, hands)
    with pytest.raises(IssuerAway):
        await keys.find(kid(issuer))

    publisher.is_away = False
    hands.passed_s = 1
    assert await keys.find(kid(issuer))


async def test_keys_stay_while_the_issuer_is_away_but_not_for_ever(
    issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    keys = issuer_keys(publisher, hands, keep_s=3600)
    await keys.find(kid(issuer))
    publisher.is_away = True

    hands.passed_s = 3600
    assert await keys.find(kid(issuer))
    assert await keys.find("unknown") is None

    hands.passed_s = 3601
    with pytest.raises(IssuerAway):
        await keys.find(kid(issuer))


async def test_it_asks_by_itself_and_outlives_an_outage(issuer: Issuer, publisher: Publisher, hands: Hands) -> None:
    publisher.is_away = True
    metrics = RightsMetrics(registry := CollectorRegistry())
    keys = IssuerKeys(
        issuer=ISSUER, jwks_url=f"{ISSUER}/jwks", refresh_s=0.001, retry_s=0.001, keep_s=1, metrics=metrics,
        read=publisher.read, monotonic=hands.monotonic,
    )  # fmt: skip

    async def has_asked_twice() -> bool:
        return len(publisher.asked) > 1

    async def has_keys() -> bool:
        return keys.are_trusted

    running = asyncio.create_task(keys.run())
    await until(has_asked_twice, "two questions")
    assert not keys.are_trusted
    failures = registry.get_sample_value("rights_issuer_failures_total")
    assert failures is not None
    assert failures > 1

    publisher.is_away = False
    await until(has_keys, "the keys")

    assert registry.get_sample_value("rights_issuer_keys_age_seconds") == 0
    running.cancel()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": {}},
        {"keys": []},
        {"keys": [None, 1, "key", {}, {"kid": 7}]},
        {"keys": [{"kid": "a", "kty": "RSA"}, {"kid": "b", "kty": "EC", "crv": "P-256", "x": 1, "y": 2}]},
        {"keys": [{"kid": "a", "kty": ["RSA"], "crv": ["P-256"], "alg": [], "use": {}}]},
    ],
)
async def test_a_document_without_a_key_of_use_is_no_answer(
    publisher: Publisher, hands: Hands, document: Mapping[str, Any]
) -> None:
    async def read(_: str) -> Mapping[str, Any]:
        return document

    keys = IssuerKeys(
        issuer=ISSUER, jwks_url="any", refresh_s=1, retry_s=1, keep_s=1, metrics=RightsMetrics(CollectorRegistry()),
        read=read, monotonic=hands.monotonic,
    )  # fmt: skip

    with pytest.raises(IssuerAway):
        await keys.find("a")


async def test_an_encrypted_issuer_does_not_lead_to_keys_in_the_open(hands: Hands) -> None:
    asked: list[str] = []

    async def read(url: str) -> Mapping[str, Any]:
        asked.append(url)
        return {"issuer": "https://issuer.test/", "jwks_uri": "http://issuer.test/jwks"}

    keys = IssuerKeys(
        issuer="https://issuer.test/", jwks_url=None, refresh_s=1, retry_s=1, keep_s=1,
        metrics=RightsMetrics(CollectorRegistry()), read=read, monotonic=hands.monotonic,
    )  # fmt: skip

    with pytest.raises(IssuerAway):
        await keys.find("any")
    assert asked == ["https://issuer.test/.well-known/openid-configuration"]


@pytest.mark.filterwarnings("ignore:Key size")  # the weak one, when it is made and when it is looked at
async def test_keys_that_are_weak_or_for_another_use_are_passed_over(
    issuer: Issuer, publisher: Publisher, hands: Hands
) -> None:
    weak = generate_key("RSA", 1024)
    good = make_key("RS256").as_dict(private=False)
    assert isinstance(weak, RSAKey)
    publisher.extra_keys = [
        {**weak.as_dict(private=False), "kid": "weak"},
        {**good, "kid": "encrypting", "use": "enc"},
        {**good, "kid": "other algorithm", "alg": "PS256"},
        {**good, "kid": "impossible", "alg": "ES256"},
        {**generate_key("EC", "P-384").as_dict(private=False), "kid": "other curve"},
        {**OctKey.import_key(b"x" * 32).as_dict(private=True), "kid": "secret"},
        {**good, "kid": "good"},
    ]
    keys = issuer_keys(publisher, hands)

    assert await keys.find("good")
    for key_id in ("weak", "encrypting", "other algorithm", "impossible", "other curve", "secret"):
        assert await keys.find(key_id) is None, key_id


@pytest.mark.parametrize(
    "document", [{"issuer": "http://other.test"}, {"issuer": ISSUER}, {"issuer": ISSUER, "jwks_uri": 7}]
)
async def test_a_discovery_document_that_is_not_the_issuers_is_no_answer(
    hands: Hands, document: Mapping[str, Any]
) -> None:
    async def read(_: str) -> Mapping[str, Any]:
        return document

    keys = IssuerKeys(
        issuer=ISSUER, jwks_url=None, refresh_s=1, retry_s=1, keep_s=1, metrics=RightsMetrics(CollectorRegistry()),
        read=read, monotonic=hands.monotonic,
    )  # fmt: skip

    with pytest.raises(IssuerAway):
        await keys.find("any")
