"""What can be ordered of dispatch and asked of it over HTTP?"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from dispatch.cases import Case, Step
from dispatch.orders import AcceptForm, CloseForm, Order, ResolveForm, accept_by, close_by, resolve_by
from dispatch.store import CaseFilter, find_case, history_of, search_cases
from lamplight_chassis.answers import json_answer, keyed_answer
from lamplight_chassis.bodies import body_of, key_header, parse_body, parse_query, path_id, query_of
from lamplight_chassis.clock import Clock
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Form, Query, Text, Time
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer, key_of
from lamplight_chassis.problems import PROBLEM_RESPONSES
from lamplight_chassis.trail import correlation_id, traceparent
from lamplight_events.envelope import Cause
from lamplight_events.vocabulary import CaseState, Source

MAX_PAGE = 200

FormT = TypeVar("FormT", bound=Form)


class CaseStanding(BaseModel):
    """Where a case stands after an order."""

    case_id: UUID
    state: CaseState
    sequence: int
    category: str
    zone: str
    unit_id: str | None
    assignment_id: UUID | None
    changed_at: datetime


class CaseView(CaseStanding):
    """A case in full."""

    source: Source
    longitude_deg: float
    latitude_deg: float
    summary: str
    reported_at: datetime
    report_ids: Sequence[UUID]


class CaseQuery(Query):
    """What a search asks for."""

    state: CaseState | None = None
    category: Annotated[Text, Field(max_length=64)] | None = None
    zone: Annotated[str, Field(pattern=r"^\d{9}$")] | None = None
    unit_id: Annotated[Text, Field(max_length=64)] | None = None
    source: Source | None = None
    reported_from: Time | None = None
    reported_before: Time | None = None
    cursor: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="The next_cursor of the page before, as it was given."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50


class CasePage(BaseModel):
    """One page of a search, newest first; `next_cursor` is null on the last."""

    cases: Sequence[CaseView]
    next_cursor: str | None


class HistoryEntry(BaseModel):
    """One thing that was done to a case."""

    sequence: int
    operation: str
    state_before: CaseState | None
    state_after: CaseState
    actor: str
    occurred_at: datetime
    event_id: UUID
    details: dict[str, Any]


class CaseHistory(BaseModel):
    """Everything that was done to a case, in its order."""

    case_id: UUID
    entries: Sequence[HistoryEntry]


def order_routes(orders: GroupCommit[Order, Answer], *, now: Clock) -> APIRouter:
    """The calls that move a case."""
    codes = (404, 409, 413, 422, 503)
    router = APIRouter(tags=["orders"], responses={code: PROBLEM_RESPONSES[code] for code in codes})

    def add(name: str, form: type[FormT], move: Callable[[FormT, Case, datetime], Step], summary: str) -> None:
        async def order(request: Request) -> Response:
            case_id, body = path_id(request, "case_id"), await request.body()
            filled = parse_body(form, body)
            key = key_of(key_header(request), operation=f"POST {request.url.path}", body=body)
            at = now()
            cause = Cause(correlation_id.get(), traceparent=traceparent.get())
            answer = await orders.submit(Order(case_id, lambda case: move(filled, case, at), cause, key))
            return keyed_answer(answer)

        router.add_api_route(
            f"/v1/cases/{{case_id}}/{name}",
            order,
            methods=["POST"],
            name=f"{name}_case",
            response_model=CaseStanding,
            openapi_extra=body_of(form, "case_id"),
            summary=summary,
        )

    add("accept", AcceptForm, accept_by, "Take a case on")
    add("resolve", ResolveForm, resolve_by, "Report the work done")
    add("close", CloseForm, close_by, "Close a case whose check passed")
    return router


def search_routes(database: Database) -> APIRouter:
    """The call that finds cases."""
    router = APIRouter(tags=["cases"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    @router.get("/v1/cases", response_model=CasePage, openapi_extra=query_of(CaseQuery), summary="Search, newest first")
    async def search(request: Request) -> Response:
        query = parse_query(CaseQuery, request)
        rows = await search_cases(database, _filter(query), limit=query.limit + 1)
        page = [_case_view(row) for row in rows[: query.limit]]
        next_cursor = _write_cursor(page[-1]["case_id"]) if len(rows) > query.limit else None
        return json_answer({"cases": page, "next_cursor": next_cursor})

    return router


def case_routes(database: Database) -> APIRouter:
    """The calls that show one case."""
    router = APIRouter(tags=["cases"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    @router.get(
        "/v1/cases/{case_id}",
        response_model=CaseView,
        responses={404: PROBLEM_RESPONSES[404]},
        openapi_extra=query_of(Query, "case_id"),
        summary="Where does a case stand?",
    )
    async def show_case(request: Request) -> Response:
        case_id = path_id(request, "case_id")
        row = await find_case(database, case_id)
        if row is None:
            raise Rejected("not_found", f"there is no case {case_id}")
        return json_answer(_case_view(row))

    @router.get(
        "/v1/cases/{case_id}/history",
        response_model=CaseHistory,
        responses={404: PROBLEM_RESPONSES[404]},
        openapi_extra=query_of(Query, "case_id"),
        summary="What was done to a case?",
    )
    async def show_history(request: Request) -> Response:
        case_id = path_id(request, "case_id")
        entries = await history_of(database, case_id)
        if not entries:
            raise Rejected("not_found", f"there is no case {case_id}")
        return json_answer({"case_id": case_id, "entries": entries})

    return router


def _case_view(row: Any) -> dict[str, Any]:
    view = dict(row)
    view["case_id"] = view.pop("id")
    return view


def _filter(query: CaseQuery) -> CaseFilter:
    before_id = _read_cursor(query.cursor) if query.cursor else None
    return CaseFilter(**query.model_dump(exclude={"cursor", "limit"}), before_id=before_id)


def _write_cursor(case_id: UUID) -> str:
    return base64.urlsafe_b64encode(case_id.bytes).decode().rstrip("=")


def _read_cursor(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except ValueError as error:
        raise Rejected("bad_cursor", "cursor: must be a next_cursor of an earlier page, as it was given") from error
