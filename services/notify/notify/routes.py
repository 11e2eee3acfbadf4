"""What can be asked of notify over HTTP, and how does an app listen?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi import Query as QueryField
from fastapi.sse import format_sse_event
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response, StreamingResponse

from lamplight_chassis.answers import json_answer, keyed_answer, to_json
from lamplight_chassis.bodies import body_of, key_header, parse_body, parse_query, query_of
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.cursors import Cursor, read_cursor, write_cursor
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Query, Text
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer, key_of
from lamplight_chassis.problems import PROBLEM_RESPONSES
from lamplight_chassis.rights.caller import Caller, caller_of
from lamplight_chassis.rights.rules import heeds
from notify.audience import AlertKind
from notify.store import (
    StoredAlert,
    Wish,
    list_subscriptions,
    newest_alerts,
    remove_subscription,
)
from notify.stream import AlertStream
from notify.subscriptions import NewSubscription

MAX_PAGE = 200
EVENT_STREAM = "text/event-stream"
# Proxies must neither keep an event back nor keep it at all.
STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
MOVED = "position_moved"
STREAM_DESCRIPTION = (
    "Server-sent events; each id is a position. A Last-Event-ID beyond the newest alert is answered with an event "
    f"`{MOVED}`, and the stream goes on from the newest: alerts may have been missed, `GET /v1/alerts` shows the last."
)
SUBSCRIPTIONS = "/v1/subscriptions"
SUBSCRIBE = f"POST {SUBSCRIPTIONS}"


class AlertView(BaseModel):
    """One alert; `position` grows, and is the id of its event in the stream."""

    position: int
    id: UUID
    case_id: UUID
    recipient: str
    kind: AlertKind
    category: str
    zone: str
    text_zh: str
    text_en: str
    created_at: datetime


class AlertList(BaseModel):
    """The newest alerts, newest first."""

    alerts: Sequence[AlertView]


class SubscriptionView(BaseModel):
    """One destination, without its secret."""

    id: UUID
    recipient: str
    kinds: Sequence[AlertKind]
    channel: str
    target: str
    created_at: datetime


class AlertQuery(Query):
    """How many of the newest alerts are asked for."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50


class ListenQuery(Query):
    """Which alerts are listened for."""

    recipient: Annotated[Text | None, Field(max_length=96, description="Only this recipient's alerts.")] = None


class SubscriptionQuery(Query):
    """Which page of the destinations is asked for."""

    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50


class SubscriptionPage(BaseModel):
    """One page of the destinations, oldest first; `next_cursor` is null on the last."""

    subscriptions: Sequence[SubscriptionView]
    next_cursor: str | None


PAGE_PARAMETERS = query_of(SubscriptionQuery)


def _none_if_empty(position: object) -> object:
    """An event source that has heard nothing yet may say so with an empty header (HTML, server-sent events)."""
    return None if position == "" else position


def alert_routes(database: Database, stream: AlertStream) -> APIRouter:
    """The calls that show alerts."""
    router = APIRouter(tags=["alerts"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    @router.get("/v1/alerts", response_model=AlertList, openapi_extra=query_of(AlertQuery), summary="The newest alerts")
    async def list_alerts(request: Request) -> Response:
        query = parse_query(AlertQuery, request)
        return json_answer({"alerts": await newest_alerts(database, limit=query.limit)})

    @router.get(
        "/v1/stream",
        response_class=StreamingResponse,
        responses={200: {"description": STREAM_DESCRIPTION, "content": {EVENT_STREAM: {}}}},
        summary="Listen to alerts as they are made",
    )
    @heeds("zone", "category")
    async def listen(
        request: Request,
        query: Annotated[ListenQuery, QueryField()],
        last_event_id: Annotated[
            Annotated[int, Field(ge=0, le=2**63 - 1)] | None,
            BeforeValidator(_none_if_empty),
            Header(description="Continue after this position; empty stands for none."),
        ] = None,
    ) -> StreamingResponse:
        after = await stream.begin_after(last_event_id)
        is_moved = last_event_id not in (None, after)
        opening = _moved(last_event_id, after) if is_moved else b": listening\n\n"
        chunks = _chunks(opening, stream.follow(after=after), _wish_of(caller_of(request), query.recipient))
        return StreamingResponse(chunks, media_type=EVENT_STREAM, headers=STREAM_HEADERS)

    return router


def subscription_routes(
    database: Database, wishes: GroupCommit[Wish, Answer], *, now: Clock, new_id: NewId
) -> APIRouter:
    """The calls that say who wants to be told."""
    router = APIRouter(tags=["subscriptions"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    @router.post(
        SUBSCRIPTIONS,
        status_code=201,
        response_model=SubscriptionView,
        responses={code: PROBLEM_RESPONSES[code] for code in (409, 413)},
        openapi_extra=body_of(NewSubscription),
        summary="Ask to be told",
    )
    async def subscribe(request: Request) -> Response:
        body = await request.body()
        new = parse_body(NewSubscription, body)
        key = key_of(key_header(request), operation=SUBSCRIBE, body=body)
        return keyed_answer(await wishes.submit(Wish(new_id(), new, now(), key)))

    @router.get(
        SUBSCRIPTIONS, response_model=SubscriptionPage, openapi_extra=PAGE_PARAMETERS, summary="Who wants to be told?"
    )
    async def show_page(request: Request) -> Response:
        return json_answer(await _page_of(database, parse_query(SubscriptionQuery, request)))

    @router.delete(
        f"{SUBSCRIPTIONS}/{{subscription_id}}",
        status_code=204,
        responses={404: PROBLEM_RESPONSES[404]},
        summary="Tell this destination no more",
    )
    async def unsubscribe(subscription_id: UUID) -> Response:
        if not await remove_subscription(database, subscription_id):
            raise Rejected("not_found", f"there is no subscription {subscription_id}")
        return Response(status_code=204)

    return router


async def _page_of(database: Database, query: SubscriptionQuery) -> dict[str, object]:
    after = read_cursor(query.cursor, _id_in) if query.cursor else None
    rows = await list_subscriptions(database, after=after, limit=query.limit + 1)
    page = [dict(row) for row in rows[: query.limit]]
    next_cursor = write_cursor(page[-1]["id"].bytes) if len(rows) > query.limit else None
    return {"subscriptions": page, "next_cursor": next_cursor}


def _id_in(place: bytes) -> UUID:
    return UUID(bytes=place)


async def _chunks(
    opening: bytes, pages: AsyncIterator[Sequence[StoredAlert]], is_wanted: Callable[[StoredAlert], bool]
) -> AsyncIterator[bytes]:
    """One chunk for all alerts of a page: under load that is a hundredth of the writes."""
    yield opening
    async for page in pages:
        yield b"".join(_event(alert) for alert in page if is_wanted(alert)) or b": quiet\n\n"


def _wish_of(caller: Caller, recipient: str | None) -> Callable[[StoredAlert], bool]:
    """Which alerts a listener hears of: to one recipient or to all, of the streets and categories that are theirs."""

    def is_wanted(alert: StoredAlert) -> bool:
        is_addressed = recipient in (None, alert.recipient)
        return is_addressed and caller.may("zone", alert.zone) and caller.may("category", alert.category)

    return is_wanted


def _moved(asked: int | None, after: int) -> bytes:
    """Tell an app that its position is none, so that it can ask for the list; the new one replaces it for next time."""
    return format_sse_event(id=str(after), event=MOVED, data_str=to_json({"asked": asked, "after": after}).decode())


def _event(alert: StoredAlert) -> bytes:
    return format_sse_event(id=str(alert.position), event=alert.kind, data_str=to_json(alert).decode())
