"""How does a test make an issuer, callers, and an app whose endpoints have rights?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response

from deploy.issuer.issuer import Issuer
from lamplight_chassis.answers import json_answer
from lamplight_chassis.clock import Clock, new_id
from lamplight_chassis.rights.api_keys import make_key
from lamplight_chassis.rights.caller import Vocabulary, caller_of
from lamplight_chassis.rights.issuer_keys import IssuerKeys
from lamplight_chassis.rights.matrix import Matrix
from lamplight_chassis.rights.metrics import RightsMetrics
from lamplight_chassis.rights.rights import Rights
from lamplight_chassis.rights.rules import heeds
from lamplight_chassis.rights.settings import RightsSettings
from lamplight_chassis.service import Service, add_routes, new_api
from lamplight_chassis.settings import ServiceSettings
from tests.builders import NOW

KEY, KEY_ID, KEY_HASH = make_key()
ISSUER = "http://issuer.test"
AUDIENCE = "words"
VOCABULARY = Vocabulary(frozenset({"anonymous", "maker", "looker", "owner"}), frozenset({"place", "colour"}))
HEALTH_ROWS = """\
GET,/live,anonymous,none
GET,/ready,anonymous,none
GET,/metrics,anonymous,none
GET,/openapi.json,anonymous,none
GET,/docs,anonymous,none
GET,/docs/oauth2-redirect,anonymous,none
GET,/redoc,anonymous,none
"""
MATRIX = f"""\
method,path,roles,scope
*,*,anonymous maker looker owner,place colour
{HEALTH_ROWS}GET,/welcome,anonymous,none
POST,/things,maker,none
GET,/things,maker looker,place=query:place
GET,/places/{{place}},looker,place=path:place
GET,/things/{{thing_id}},looker,place=route
GET,/blind/{{thing_id}},looker,place=route
POST,/things/{{thing_id}}/own,maker owner:place,place=route
"""


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return 1000.0 + self.passed_s


class Publisher:
    """What an issuer publishes, without a network; it can be away, and counts what it is asked."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.is_away = False
        self.asked: list[str] = []
        self.extra_keys: list[Any] = []

    async def read(self, url: str) -> Mapping[str, Any]:
        self.asked.append(url.removeprefix(self.issuer.url))
        if self.is_away:
            raise OSError("no answer")
        if url.endswith("/jwks"):
            return {"keys": [*self.extra_keys, *self.issuer.keys.public()["keys"]]}
        return self.issuer.discovery()


def some_settings(**changes: Any) -> RightsSettings:
    return RightsSettings(**{"issuer": ISSUER, "audience": AUDIENCE, **changes})


def issuer_keys(publisher: Publisher, hands: Hands, **changes: Any) -> IssuerKeys:
    given: dict[str, Any] = {"jwks_url": None, "refresh_s": 300.0, "retry_s": 30.0, "keep_s": 3600.0}
    return IssuerKeys(
        issuer=ISSUER,
        metrics=RightsMetrics(CollectorRegistry()),
        read=publisher.read,
        monotonic=hands.monotonic,
        **{**given, **changes},
    )


def write_matrix(folder: Path, text: str = MATRIX) -> Matrix:
    path = folder / "rights.csv"
    path.write_text(text)
    return Matrix.load(path)


def thing_routes() -> APIRouter:
    """Endpoints of both kinds: those that take the bare request are answered by the fast lane."""
    router = APIRouter()

    @router.get("/welcome")
    async def welcome(request: Request) -> Response:
        caller = caller_of(request)
        return json_answer({"name": caller.name, "roles": sorted(caller.roles)})

    @router.post("/things")
    async def make(request: Request) -> Response:
        return json_answer(caller_of(request).name)

    @router.get("/things")
    async def search(request: Request, place: str = "") -> Response:
        return json_answer([place, caller_of(request).within("place")])

    @router.get("/places/{place}")
    async def show_place(place: str) -> Response:
        return json_answer(place)

    @router.get("/things/{thing_id}")
    @heeds("place")
    async def show_thing(request: Request) -> Response:
        return json_answer(caller_of(request).may("place", request.path_params["thing_id"]))

    @router.get("/blind/{thing_id}")
    async def show_blindly(request: Request) -> Response:
        return json_answer("shown")

    @router.post("/things/{thing_id}/own")
    @heeds("place")
    async def own(request: Request) -> Response:
        return json_answer("owned")

    return router


def an_app(
    matrix: Matrix, settings: RightsSettings, *, now: Clock, routers: Sequence[APIRouter] = ()
) -> tuple[FastAPI, Rights]:
    """An app as a service builds it, with nothing connected."""
    service = Service(
        name="words",
        settings=ServiceSettings(database_url="postgresql://127.0.0.1:1/none"),
        migrations=Path("nowhere"),
        dead_letter_topic="dead",
        new_id=new_id,
    )
    app = new_api(title="words", description="words", version="1")
    for router in routers or (thing_routes(),):
        add_routes(app, router)
    rights = Rights(settings, matrix=matrix, registry=service.metrics.registry, now=now, realm="words")
    return service.build_app(app, rights=rights), rights


def metric(app: FastAPI, name: str, **labels: str) -> float | None:
    registry: CollectorRegistry = app.state.service.metrics.registry
    return registry.get_sample_value(name, labels)


def bearer(issuer: Issuer, *roles: str, **scopes: list[str]) -> Mapping[str, str]:
    """The header of a caller in these roles, restricted by these scopes."""
    return {"Authorization": f"Bearer {issuer.token('desk-1', roles=roles, scopes=scopes)}"}
