"""Is every odd request to any route of any service answered as HTTP asks, with a problem and never with a 500?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import Message
from structlog.testing import capture_logs

from lamplight_chassis.clock import new_id
from tests.asgi import Api, Connection
from tests.builders import a_report_body
from tests.services import NOWHERE, OPEN, SERVICES

UNWANTED = ("PUT", "PATCH", "OPTIONS", "TRACE", "BREW")
DEEP = 50_000


def an_idle_app(service: str) -> FastAPI:
    """An app that never started: whatever gets as far as the database is answered with 503, or never."""
    create_app, read_settings = SERVICES[service]
    settings = {"kafka_bootstrap_servers": NOWHERE, "database_url": f"postgresql://{NOWHERE}/any", "instance_id": "1"}
    return create_app(read_settings(**settings, rights=OPEN))


def routes() -> Iterator[tuple[str, str, str]]:
    """Service, method and path of every route, with ids where ids belong."""
    for service in SERVICES:
        for route in an_idle_app(service).routes:
            if isinstance(route, APIRoute):
                path = "/".join(str(new_id()) if part.startswith("{") else part for part in route.path.split("/"))
                yield from ((service, method, path) for method in sorted(route.methods or ()))


ROUTES = list(routes())
TUS = "/v1/uploads"
"""Uploads speak a protocol with rules of its own, which tests/intake/evidence looks at."""
NAMES = [f"{service} {method} {'/'.join(path.split('/')[:3])}" for service, method, path in ROUTES]
POSTS = [(service, path) for service, method, path in ROUTES if method == "POST" and path != TUS]


@pytest.mark.parametrize(("service", "method", "path"), ROUTES, ids=NAMES)
async def test_a_method_that_nobody_takes_is_refused_with_all_that_the_path_takes(
    service: str, method: str, path: str
) -> None:
    taken = {method for _, method, other in ROUTES if other.startswith(TUS)} if path.startswith(TUS) else set()
    for unwanted in set(UNWANTED) - taken:
        answer = await Api(an_idle_app(service)).call(unwanted, path)

        assert (answer.status, answer.problem) == (405, "method_not_allowed")
        assert method in answer.headers["allow"].split(", ")


async def test_a_path_with_two_routes_names_the_methods_of_both() -> None:
    answer = await Api(an_idle_app("notify")).call("PUT", "/v1/subscriptions")

    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(("service", "method", "path"), ROUTES, ids=NAMES)
async def test_a_slash_too_many_is_another_path_and_sends_nobody_elsewhere(
    service: str, method: str, path: str
) -> None:
    answer = await Api(an_idle_app(service)).call(method, f"{path}/", headers={"host": "elsewhere.example"})

    assert (answer.status, answer.problem) == (404, "not_found")
    assert "location" not in answer.headers


@pytest.mark.parametrize(("service", "method", "path"), ROUTES, ids=NAMES)
async def test_a_body_where_none_belongs_and_headers_of_any_kind_are_no_mistake_of_ours(
    service: str, method: str, path: str
) -> None:
    if method == "POST" or path.startswith(TUS):
        return
    odd = {"content-type": "\xff/\xfe", "content-length": "seven", "x-correlation-id": "\xe4", "traceparent": "00-"}

    for asked in (method, "HEAD"):
        answer = await Api(an_idle_app(service)).call(asked, path, headers=odd, body=[b"{" * 100, b"\x00"])

        assert answer.status in (200, 404, 405, 503)


@pytest.mark.parametrize(("service", "path"), POSTS, ids=[service for service, _ in POSTS])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"location":' * DEEP,
        b'{"actor":' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"actor": ' + b"9" * DEEP + b"}",
        b'{"\\ud800": 1}',
        b'{"actor": "a", "actor": 1}',
        b"actor=squadron",
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "nonsense"])
async def test_a_body_that_is_no_form_is_refused_whatever_it_says_it_is(
    service: str, path: str, body: bytes, content_type: str
) -> None:
    answer = await Api(an_idle_app(service)).post(path, body, {"content-type": content_type})

    assert (answer.status, answer.problem) == (422, "invalid")


@pytest.mark.parametrize(("service", "path"), POSTS, ids=[service for service, _ in POSTS])
async def test_two_keys_that_differ_name_no_request(service: str, path: str) -> None:
    forms: dict[str, Any] = {
        "reports": a_report_body(),
        "subscriptions": {"recipient": "*", "channel": "log", "target": "log"},
        "accept": {"actor": "a"},
        "resolve": {"actor": "a", "opinion": "done"},
        "close": {"actor": "a", "closing_condition": "cleared"},
    }
    body = json.dumps(forms[path.rpartition("/")[2]]).encode()
    connection = Connection([body])
    keys = [(b"idempotency-key", b"one"), (b"idempotency-key", b"two")]

    await an_idle_app(service)(a_scope("POST", path, keys), connection.receive, connection.send)

    start, content = connection.sent.get_nowait(), connection.sent.get_nowait()
    assert start["status"] == 422
    assert json.loads(content["body"])["type"].endswith(":bad_idempotency_key")


@pytest.mark.parametrize(("service", "path"), POSTS, ids=[service for service, _ in POSTS])
async def test_a_caller_who_hangs_up_in_the_middle_is_no_failure_of_ours(service: str, path: str) -> None:
    messages: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    connection = Connection([])

    async def receive() -> Message:
        return messages.pop(0)

    with capture_logs() as logs:
        await an_idle_app(service)(a_scope("POST", path, []), receive, connection.send)

    assert connection.sent.get_nowait()["status"] == 400
    assert logs == []


@pytest.mark.parametrize(
    ("service", "path", "query"),
    [
        ("notify", "/v1/alerts", "notify.routes.newest_alerts"),
        ("dispatch", "/v1/cases", "dispatch.routes.search_cases"),
    ],
    ids=["a route of the framework", "a bare route"],
)
async def test_our_own_mistake_is_a_problem_and_logged_once(
    service: str, path: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(query, broken)

    with capture_logs() as logs:
        answer = await Api(an_idle_app(service)).get(path)

    assert (answer.status, answer.problem) == (500, "internal")
    assert [line["event"] for line in logs] == ["http.failed"]


def a_scope(method: str, path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 80),
    }
