"""How does a whole instance behave with one kind of rights or another?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from deploy.issuer.issuer import Issuer
from lamplight_chassis.answers import json_answer
from lamplight_chassis.rights.caller import caller_of
from lamplight_chassis.rights.key_file import COLUMNS
from lamplight_chassis.rights.refusals import Refused
from lamplight_chassis.rights.rights import Rights
from tests.asgi import Api, running
from tests.chassis.rights.parts import (
    HEALTH_ROWS,
    KEY,
    Hands,
    an_app,
    bearer,
    metric,
    some_settings,
    write_matrix,
)
from tests.polling import until


async def test_an_issuer_that_is_away_closes_no_door_but_its_own(
    tmp_path: Path, key_file: Path, live_issuer: Issuer, hands: Hands
) -> None:
    settings = some_settings(issuer="http://127.0.0.1:1", key_file=key_file)
    api = Api(an_app(write_matrix(tmp_path), settings, now=hands.now)[0])

    with_token = await api.post("/things", {}, bearer(live_issuer, "maker"))

    assert (with_token.status, with_token.problem) == (503, "issuer_away")
    assert with_token.headers["retry-after"]
    assert (await api.post("/things", {}, {"X-API-Key": KEY})).status == 200
    assert (await api.get("/welcome")).status == 200


async def test_without_an_issuer_or_a_key_file_only_the_nameless_get_in(
    tmp_path: Path, live_issuer: Issuer, hands: Hands
) -> None:
    settings = some_settings(issuer=None, audience=None)
    app, rights = an_app(write_matrix(tmp_path), settings, now=hands.now)
    api = Api(app)

    assert (await api.get("/welcome")).status == 200
    assert "no issuer" in (await api.get("/things", bearer(live_issuer, "maker"))).json()["detail"]
    assert "no keys" in (await api.get("/things", {"X-API-Key": KEY})).json()["detail"]
    assert "rights.nobody_can_sign_in" in [line["event"] for line in await said_at_the_start(rights)]


async def test_open_rights_let_everybody_do_everything_and_say_so(tmp_path: Path, hands: Hands) -> None:
    settings = some_settings(mode="open", issuer=None, audience=None)
    app, rights = an_app(write_matrix(tmp_path), settings, now=hands.now)
    api = Api(app)

    for method, path in (("POST", "/things"), ("GET", "/things"), ("GET", "/blind/a"), ("POST", "/things/a/own")):
        assert (await api.call(method, path)).status == 200
    assert (await api.get("/welcome", {"Authorization": "whatever"})).json()["roles"] == [
        "anonymous", "looker", "maker", "owner",
    ]  # fmt: skip
    assert metric(app, "rights_open") == 1
    assert "rights.open" in [line["event"] for line in await said_at_the_start(rights)]


async def test_enforced_rights_say_which_endpoints_are_closed_to_who_is_restricted(
    tmp_path: Path, hands: Hands, app: FastAPI
) -> None:
    _, rights = an_app(write_matrix(tmp_path), some_settings(), now=hands.now)

    lines = await said_at_the_start(rights)

    assert [line["endpoints"] for line in lines if line["event"] == "rights.scopes_unheeded"] == [
        ["GET /blind/{thing_id} place"]
    ]
    assert metric(app, "rights_open") == 0


async def test_a_running_instance_takes_up_a_changed_key_file(
    tmp_path: Path, key_file: Path, live_issuer: Issuer, hands: Hands
) -> None:
    settings = some_settings(issuer=live_issuer.url, key_file=key_file)
    app, _ = an_app(write_matrix(tmp_path), settings, now=hands.now)

    async with running(app) as api:
        assert (await api.post("/things", {}, {"X-API-Key": KEY})).status == 200
        await asyncio.to_thread(key_file.write_text, f"{','.join(COLUMNS)}\n")

        async def is_withdrawn() -> bool:
            return (await api.post("/things", {}, {"X-API-Key": KEY})).status == 401

        await until(is_withdrawn, "the key to be withdrawn")
    assert metric(app, "rights_issuer_keys_age_seconds") != float("inf")


async def test_a_key_in_a_form_names_the_caller_of_the_request(tmp_path: Path, key_file: Path, hands: Hands) -> None:
    made: list[Rights] = []
    router = APIRouter()

    @router.post("/form")
    async def fill_in(request: Request) -> Response:
        try:
            made[0].caller_of_key(request, (await request.body()).decode()).must_have("maker")
        except Refused as refusal:
            return json_answer(refusal.reason, status=403)
        return json_answer(caller_of(request).name)

    text = f"method,path,roles,scope\n*,*,anonymous maker,place\n{HEALTH_ROWS}POST,/form,anonymous,none\n"
    matrix = write_matrix(tmp_path, text)
    app, rights = an_app(matrix, some_settings(key_file=key_file), now=hands.now, routers=[router])
    made.append(rights)
    api = Api(app)

    assert (await api.post("/form", KEY.encode())).json() == "hotline"
    assert (await api.post("/form", b"lk_wrong")).json() == "credentials_invalid"


async def test_an_app_without_rights_knows_no_caller() -> None:
    with pytest.raises(LookupError, match="without rights"):
        caller_of(Request({"type": "http", "headers": []}))


async def test_the_openapi_document_says_who_may_and_how(api: Api) -> None:
    document = (await api.get("/openapi.json")).json()

    assert set(document["components"]["securitySchemes"]) == {"bearer", "api_key"}
    assert document["paths"]["/welcome"]["get"]["security"][0] == {}
    own = document["paths"]["/things/{thing_id}/own"]["post"]
    assert own["security"] == [{"bearer": []}, {"api_key": []}]
    assert own["x-roles"] == ["maker", "owner:place"]
    assert {"401", "403", "503"} <= set(own["responses"])
    assert "403" not in document["paths"]["/welcome"]["get"]["responses"]


async def said_at_the_start(rights: Rights) -> list[Any]:
    """The log of an instance's first moment."""
    with capture_logs() as lines:
        running = asyncio.create_task(rights.run())
        await asyncio.sleep(0)
        running.cancel()
    return list(lines)
