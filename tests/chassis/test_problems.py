"""Is every failed request answered with a problem that helps the caller and shows nothing internal?"""

from __future__ import annotations

import asyncpg
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from lamplight_chassis.bodies import parse_body
from lamplight_chassis.clock import new_id
from lamplight_chassis.errors import Rejected, Transient
from lamplight_chassis.forms import Form, Text
from lamplight_chassis.http import AroundRequests
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.problems import STATUS_OF_REASON, add_problem_handlers, on_failure
from tests.asgi import Api

SECRET = "postgresql://root:hunter2@10.0.0.7/words"


class Inner(Form):
    """A part of a body."""

    size: int


class Body(Form):
    """A body with a rule for each kind of mistake."""

    word: Text
    inner: Inner
    even: bool = True


def an_api(failure: Exception | None = None) -> Api:
    app = FastAPI()

    @app.api_route("/fail", methods=["GET", "POST", "DELETE"])
    async def fail() -> Response:
        assert failure is not None
        raise failure

    @app.get("/number")
    async def number(limit: int) -> int:
        return limit

    @app.post("/body")
    async def body(request: Request) -> Response:
        return Response(parse_body(Body, await request.body()).model_dump_json())

    add_problem_handlers(app)
    metrics = ChassisMetrics(CollectorRegistry())
    app.add_middleware(AroundRequests, metrics=metrics, new_id=new_id, on_failure=on_failure)
    return Api(app)


async def test_an_unknown_path_is_not_found() -> None:
    answer = await an_api().get("/nowhere")

    assert (answer.status, answer.problem) == (404, "not_found")


async def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_takes() -> None:
    answer = await an_api().call("PUT", "/body")

    assert (answer.status, answer.problem) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_a_query_field_that_breaks_its_rule_is_named() -> None:
    answer = await an_api().get("/number?limit=many")

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["limit"]


async def test_every_field_that_breaks_its_rule_is_named_by_its_path() -> None:
    answer = await an_api().post("/body", {"inner": {"size": "1"}, "even": 1, "more": 1})

    assert (answer.status, answer.problem) == (422, "invalid")
    assert {error["field"] for error in answer.json()["errors"]} == {"word", "inner.size", "even", "more"}


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b'{"word": "\\ud800"}'])
async def test_a_body_that_is_no_object_is_refused_as_a_whole(body: bytes) -> None:
    answer = await an_api().post("/body", body)

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["body"]


async def test_a_nul_character_is_refused_in_any_text() -> None:
    answer = await an_api().post("/body", {"word": "a\x00b", "inner": {"size": 1}})

    assert answer.problem == "invalid"
    assert answer.json()["errors"][0]["field"] == "word"
    assert "NUL" in answer.json()["detail"]


async def test_what_the_caller_sent_is_not_sent_back() -> None:
    answer = await an_api().post("/body", {"word": 13912345678, "inner": {"size": 1}})

    assert b"13912345678" not in answer.body


@pytest.mark.parametrize(("reason", "status"), [*STATUS_OF_REASON.items(), ("unheard_of", 422)])
async def test_a_refusal_has_the_status_of_its_reason_and_says_the_limit(reason: str, status: int) -> None:
    answer = await an_api(Rejected(reason, "word: at most 5 letters")).get("/fail")

    assert (answer.status, answer.problem) == (status, reason)
    assert answer.json()["detail"] == "word: at most 5 letters"


@pytest.mark.parametrize(
    "failure",
    [
        Transient("too many"),
        ConnectionRefusedError(111, f"connect to {SECRET}"),
        TimeoutError(),
        PoolTimeout(f"no connection to {SECRET}"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.DeadlockDetectedError("deadlock"),
        OperationalError("SELECT 1", {}, asyncpg.AdminShutdownError(SECRET)),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_what_may_pass_is_answered_with_503_and_when_to_try_again(failure: Exception) -> None:
    answer = await an_api(failure).get("/fail")

    assert (answer.status, answer.problem) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"
    assert b"hunter2" not in answer.body


@pytest.mark.parametrize(
    ("method", "says"),
    [
        ("GET", "something that this needs is away for now"),
        ("POST", "this may be done or not: send it again with the same Idempotency-Key"),
        ("DELETE", "this may be done or not: send it again"),
    ],
)
async def test_a_caller_is_told_whether_it_may_be_done_and_how_to_ask_again(method: str, says: str) -> None:
    answer = await an_api(ConnectionResetError("away")).call(method, "/fail")

    assert answer.json()["detail"].endswith(says)


async def test_our_own_words_for_what_is_away_are_not_lost() -> None:
    answer = await an_api(Transient("too many requests wait for the database")).call("POST", "/fail")

    assert answer.json()["detail"] == "too many requests wait for the database"


@pytest.mark.parametrize(
    "failure",
    [
        KeyError(SECRET),
        asyncpg.UniqueViolationError(SECRET),
        OperationalError("SELECT secret", {}, ValueError(SECRET)),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_our_own_mistake_is_answered_with_500_and_nothing_internal(failure: Exception) -> None:
    answer = await an_api(failure).get("/fail")

    assert (answer.status, answer.problem) == (500, "internal")
    assert b"hunter2" not in answer.body
    assert b"secret" not in answer.body.lower()
    assert b"Error" not in answer.body
