"""What can be ordered of dispatch and asked of it over HTTP?"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from dispatch.cases import Case, Step
from dispatch.orders import AcceptForm, CloseForm, Order, ResolveForm, accept_by, close_by, resolve_by
from dispatch.search import CaseFilter, search_cases
from dispatch.store import find_case, history_of
from lamplight_chassis.answers import json_answer, keyed_answer
from lamplight_chassis.bodies import body_of, key_header, parse_body, parse_query, path_id, query_of
from lamplight_chassis.clock import Clock
from lamplight_chassis.cursors import Cursor, read_cursor, write_cursor
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Form, Query, Text, Time
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer, key_of
from lamplight_chassis.problems import PROBLEM_RESPONSES
from lamplight_chassis.rights.caller import Caller, caller_of
from lamplight_chassis.rights.rules import heeds
from lamplight_chassis.trail import correlation_id, traceparent
from lamplight_events.envelope import Cause
from lamplight_events.vocabulary import CaseState, Source

MAX_PAGE = 200
PLACE = struct.Struct(">q16s")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCOPES = ("zone", "category", "unit_id")

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
    zone: Annotated[str, Field(pattern=r"^[0-9]{9}$")] | None = None
    unit_id: Annotated[Text, Field(max_length=64)] | None = None
    source: Source | None = None
    reported_from: Time | None = None
    reported_before: Time | None = None
    cursor: Cursor | None = None
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
        @heeds(*SCOPES)
        async def order(request: Request) -> Response:
            case_id, body = path_id(request, "case_id"), await request.body()
            filled = parse_body(form, body)
            key = key_of(key_header(request), operation=f"POST {request.url.path}", body=body)
            at = now()
            cause, caller = Cause(correlation_id.get(), traceparent=traceparent.get()), caller_of(request)

            def permitted(case: Case) -> Step:
                _check_scopes(caller, zone=case.zone, category=case.category, unit_id=case.unit_id)
                return move(filled, case, at)

            return keyed_answer(await orders.submit(Order(case_id, permitted, cause, key)))

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
        next_cursor = write_cursor(_pack_place(page[-1])) if len(rows) > query.limit else None
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
    @heeds(*SCOPES)
    async def show_case(request: Request) -> Response:
        return json_answer(_case_view(await _case_of(request, database)))

    @router.get(
        "/v1/cases/{case_id}/history",
        response_model=CaseHistory,
        responses={404: PROBLEM_RESPONSES[404]},
        openapi_extra=query_of(Query, "case_id"),
        summary="What was done to a case?",
    )
    @heeds(*SCOPES)
    async def show_history(request: Request) -> Response:
        case_id = (await _case_of(request, database))["id"]
        return json_answer({"case_id": case_id, "entries": await history_of(database, case_id)})

    return router


async def _case_of(request: Request, database: Database) -> Mapping[str, Any]:
    """The case that a path names, when there is one and the caller may see it."""
    case_id = path_id(request, "case_id")
    row = await find_case(database, case_id)
    if row is None:
        raise Rejected("not_found", f"there is no case {case_id}")
    _check_scopes(caller_of(request), **{name: row[name] for name in SCOPES})
    return row


def _check_scopes(caller: Caller, **values: str | None) -> None:
    """Refuse a caller who is restricted to other streets, categories or units."""
    for dimension, value in values.items():
        caller.must(dimension, value)


def _case_view(row: Any) -> dict[str, Any]:
    view = dict(row)
    view["case_id"] = view.pop("id")
    return view


def _filter(query: CaseQuery) -> CaseFilter:
    before = read_cursor(query.cursor, _unpack_place) if query.cursor else None
    return CaseFilter(**query.model_dump(exclude={"cursor", "limit"}), before=before)


def _pack_place(case: Mapping[str, Any]) -> bytes:
    """Where a case stands in a search: microseconds since 1970, and its id."""
    return PLACE.pack((case["reported_at"] - EPOCH) // timedelta(microseconds=1), case["case_id"].bytes)


def _unpack_place(packed: bytes) -> tuple[datetime, UUID]:
    microseconds, case_id = PLACE.unpack(packed)
    return EPOCH + timedelta(microseconds=microseconds), UUID(bytes=case_id)
