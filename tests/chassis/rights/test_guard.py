"""Who gets through to an app's endpoints, and how are the others answered?"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from deploy.issuer.issuer import Issuer
from tests.asgi import Answer, Api
from tests.chassis.rights.parts import (
    KEY,
    Hands,
    bearer,
    metric,
)


def challenge(answer: Answer) -> str:
    return answer.headers["www-authenticate"]


async def test_whoever_has_the_role_gets_through_to_both_lanes(api: Api, live_issuer: Issuer) -> None:
    in_the_lane = await api.post("/things", {}, bearer(live_issuer, "maker"))
    in_the_framework = await api.get("/things", bearer(live_issuer, "maker"))

    assert (in_the_lane.status, in_the_lane.json()) == (200, "desk-1")
    assert (in_the_framework.status, in_the_framework.json()) == (200, ["", None])


@pytest.mark.parametrize(("method", "path"), [("POST", "/things"), ("GET", "/things")])
async def test_nobody_gets_through_to_either_lane_without_a_name(api: Api, method: str, path: str) -> None:
    answer = await api.call(method, path)

    assert (answer.status, answer.problem) == (401, "credentials_missing")
    assert challenge(answer) == 'Bearer realm="words"'
    assert f"{method} {path} needs one of" in answer.json()["detail"]
    assert answer.headers["x-correlation-id"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/things"), ("GET", "/things")])
async def test_a_role_that_is_not_enough_is_told_which_would_be(
    api: Api, live_issuer: Issuer, method: str, path: str
) -> None:
    answer = await api.call(method, path, headers=bearer(live_issuer, "owner"))

    assert (answer.status, answer.problem) == (403, "role_lacking")
    assert "maker" in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "role"
    assert 'error="insufficient_scope"' in challenge(answer)


async def test_everybody_may_where_anonymous_may(api: Api, live_issuer: Issuer) -> None:
    nobody = await api.get("/welcome")
    somebody = await api.get("/welcome", bearer(live_issuer, "owner"))

    assert nobody.json() == {"name": "anonymous", "roles": ["anonymous"]}
    assert somebody.json() == {"name": "desk-1", "roles": ["owner"]}


async def test_health_follows_the_matrix(api: Api) -> None:
    assert [(await api.get(path)).status for path in ("/metrics", "/openapi.json")] == [200, 200]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Authorization": "Bearer a.b.c"}, "the header of the token cannot be read"),
        ({"Authorization": "Bearer "}, "the token is no signed JWT"),
        ({"Authorization": "Basic YTpi"}, "must be Bearer and a token"),
        ({"X-API-Key": "lk_nothing"}, "there is no such key"),
        ({"X-API-Key": KEY, "Authorization": "Bearer a.b.c"}, "give one of Authorization and X-API-Key, once"),
    ],
)
@pytest.mark.parametrize("path", ["/welcome", "/things", "/nowhere"])
async def test_credentials_that_are_no_good_are_refused_everywhere(
    api: Api, headers: Mapping[str, str], told: str, path: str
) -> None:
    answer = await api.get(path, headers)

    assert (answer.status, answer.problem) == (401, "credentials_invalid")
    assert told in answer.json()["detail"]
    assert 'error="invalid_token"' in challenge(answer)
    assert told in challenge(answer)


async def test_an_expired_token_is_told_so(api: Api, live_issuer: Issuer, hands: Hands) -> None:
    headers = bearer(live_issuer, "maker")
    hands.passed_s = 4000

    answer = await api.post("/things", {}, headers)

    assert (answer.status, answer.problem) == (401, "credentials_expired")
    assert "exp: the token has expired" in challenge(answer)


async def test_a_refusal_repeats_nothing_that_was_sent(api: Api) -> None:
    answer = await api.get("/things", {"Authorization": "Bearer s3cret.s3cret.s3cret", "X-Any": "s3cret"})

    assert b"s3cret" not in answer.body
    assert "s3cret" not in str(answer.headers)


async def test_an_api_key_is_a_credential_too(api: Api) -> None:
    allowed = await api.post("/things", {}, {"X-API-Key": KEY})
    forbidden = await api.get("/places/a", {"X-API-Key": KEY})

    assert (allowed.status, allowed.json()) == (200, "hotline")
    assert (forbidden.status, forbidden.problem) == (403, "role_lacking")


async def test_what_no_endpoint_answers_is_left_to_the_framework(api: Api, live_issuer: Issuer) -> None:
    headers = bearer(live_issuer, "maker")

    calls = [("GET", "/nowhere"), ("DELETE", "/things"), ("GET", "/things/"), ("get", "/things")]
    answers = [await api.call(method, path, headers=headers) for method, path in calls]

    assert [answer.status for answer in answers] == [404, 405, 404, 405]


@pytest.mark.parametrize("path", ["/things\n", "//things", "/things/", "/./things", "/things;x", "/THINGS"])
async def test_no_spelling_of_a_path_leads_around_the_guard(api: Api, path: str) -> None:
    assert (await api.call("POST", path)).status in (401, 404, 405)


async def test_refusals_are_counted_by_reason_and_with_their_route(app: FastAPI, api: Api, live_issuer: Issuer) -> None:
    await api.post("/things", {})
    await api.get("/places/b", bearer(live_issuer, "looker", place=["a"]))

    assert metric(app, "rights_refused_total", reason="credentials_missing") == 1
    assert metric(app, "rights_refused_total", reason="out_of_scope") == 1
    assert metric(app, "http_requests_total", route="/places/{place}", method="GET", status="403") == 1


async def test_who_is_known_and_wants_too_much_is_logged_without_a_name(api: Api, live_issuer: Issuer) -> None:
    with capture_logs() as lines:
        await api.post("/things", {}, bearer(live_issuer, "looker"))
        await api.post("/things", {})

    [line] = [line for line in lines if line["event"] == "rights.refused"]
    assert (line["reason"], line["route"]) == ("role_lacking", "/things")
    assert "desk-1" not in str(lines)
