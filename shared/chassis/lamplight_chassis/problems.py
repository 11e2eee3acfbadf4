"""How is a failed request answered: problem+json (RFC 9457), with a stable type, and the field and limit by name?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Route

from lamplight_chassis.answers import json_answer
from lamplight_chassis.errors import Rejected, Transient
from lamplight_chassis.transience import is_transient

log = structlog.get_logger()

TYPE_PREFIX = "urn:lamplight:problem:"
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2


class FieldError(BaseModel):
    """One field that was refused, and why."""

    field: str
    message: str


class Problem(BaseModel):
    """The body of every error."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


# Reasons whose meaning every service shares; any other is answered with 422.
STATUS_OF_REASON: dict[str, int] = {
    "bad_idempotency_key": 422,
    "idempotency_conflict": 409,
    "not_found": 404,
    "wrong_state": 409,
    "body_too_large": 413,
    "credentials_missing": 401,
    "credentials_invalid": 401,
    "credentials_expired": 401,
    "role_lacking": 403,
    "out_of_scope": 403,
    "scope_unheeded": 403,
}

# Answered where they are raised; every other failure is a bug, and is answered around the whole request.
MAYBE_TRANSIENT = (Transient, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, description in (
        (404, "There is no such thing here."),
        (409, "The request contradicts what is there."),
        (413, "The body is too large."),
        (422, "A field breaks its rule; `errors` names it and the limit."),
        (503, "The service cannot reach what it needs; try again after `Retry-After`."),
    )
}


def problem(
    status: int,
    kind: str,
    title: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem+json answer."""
    body = Problem(type=TYPE_PREFIX + kind, title=title, status=status, detail=detail, errors=list(errors))
    return json_answer(body.model_dump(), status=status, headers=headers, media_type=MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every failure of `app` with problem+json; nothing internal is shown."""
    for kind, answer in ANSWERS.items():
        app.add_exception_handler(kind, answer)
    for kind in MAYBE_TRANSIENT:
        app.add_exception_handler(kind, on_failure)


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return invalid_fields([(item["loc"], item["msg"]) for item in error.errors()])


def invalid_fields(found: Sequence[tuple[Sequence[object], str]]) -> Response:
    """A 422 that names each field by its path and says its limit."""
    errors = [FieldError(field=_path(place), message=message) for place, message in found]
    detail = "; ".join(f"{item.field}: {item.message}" for item in errors[:3])
    return problem(422, "invalid", "A field breaks its rule", detail, errors=errors)


def _path(place: Sequence[object]) -> str:
    return ".".join(str(part) for part in place if part not in ("body", "query", "path", "header")) or "body"


async def answer_failure(request: Request, error: Exception) -> Response:
    """The answer to anything a route raised."""
    for kind, answer in ANSWERS.items():
        if isinstance(error, kind):
            return await answer(request, error)
    return await on_failure(request, error)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {**(error.headers or {})}
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods_of(request)))
    kind = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http")
    return problem(error.status_code, kind, str(error.detail), str(error.detail), headers=headers)


def _methods_of(request: Request) -> set[str]:
    """All methods that a path takes; the framework names those of the first of its routes alone."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    fitting = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in fitting for method in route.methods or ()}


async def _on_gone(_: Request, error: Exception) -> Response:
    """For the metrics alone: nobody is there to read it, and nothing of ours went wrong."""
    assert isinstance(error, ClientDisconnect)
    return problem(400, "incomplete", "The request broke off", "the caller went away before its body had arrived")


async def _on_rejected(_: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    status = STATUS_OF_REASON.get(error.reason, 422)
    return problem(status, error.reason, error.reason.replace("_", " ").capitalize(), error.detail)


async def on_failure(request: Request, error: Exception) -> Response:
    """The answer to what nobody expected, or to something that is away for now."""
    if is_transient(error):
        log.warning("http.unavailable", path=request.url.path, error=repr(error))
        detail = _unavailable(request.method, error)
        return problem(503, "unavailable", "Try again", detail, headers={"Retry-After": str(RETRY_AFTER_S)})
    log.error("http.failed", path=request.url.path, exc_info=error)
    return problem(500, "internal", "This is our mistake", "the failure was logged under the answer's X-Correlation-ID")


def _unavailable(method: str, error: Exception) -> str:
    """What a caller may know, and can do; only our own words go out, a driver's may name hosts and people."""
    if isinstance(error, Transient):
        return str(error)
    if method in ("GET", "HEAD"):
        return "something that this needs is away for now"
    key = " with the same Idempotency-Key" * (method == "POST")
    return f"something that this needs is away for now, and this may be done or not: send it again{key}"


ANSWERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    RequestValidationError: _on_invalid,
    HTTPException: _on_http,
    Rejected: _on_rejected,
    ClientDisconnect: _on_gone,
}
