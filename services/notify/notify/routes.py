"""What can be asked of notify over HTTP, and how does an app listen?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.sse import format_sse_event
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from lamplight_chassis.answers import json_answer, keyed_answer, to_json
from lamplight_chassis.bodies import body_of, key_header, parse_body
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_chassis.forms import Text
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer, key_of
from lamplight_chassis.problems import PROBLEM_RESPONSES
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
SUBSCRIBE = "POST /v1/subscriptions"


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


class SubscriptionList(BaseModel):
    """All destinations."""

    subscriptions: Sequence[SubscriptionView]


def alert_routes(database: Database, stream: AlertStream) -> APIRouter:
    """The calls that show alerts."""
    router = APIRouter(tags=["alerts"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    @router.get("/v1/alerts", response_model=AlertList, summary="The newest alerts")
    async def list_alerts(limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50) -> Response:
        return json_answer({"alerts": await newest_alerts(database, limit=limit)})

    @router.get(
        "/v1/stream",
        response_class=StreamingResponse,
        responses={200: {"description": STREAM_DESCRIPTION, "content": {EVENT_STREAM: {}}}},
        summary="Listen to alerts as they are made",
    )
    async def listen(
        recipient: Annotated[Text | None, Query(max_length=96, description="Only this recipient's alerts.")] = None,
        last_event_id: Annotated[
            int | None, Header(ge=0, le=2**63 - 1, description="Continue after this position.")
        ] = None,
    ) -> StreamingResponse:
        after = await stream.begin_after(last_event_id)
        is_moved = last_event_id not in (None, after)
        opening = _moved(last_event_id, after) if is_moved else b": listening\n\n"
        chunks = _chunks(opening, stream.follow(after=after), recipient)
        return StreamingResponse(chunks, media_type=EVENT_STREAM, headers=STREAM_HEADERS)

    return router


def subscription_routes(
    database: Database, wishes: GroupCommit[Wish, Answer], *, now: Clock, new_id: NewId
) -> APIRouter:
    """The calls that say who wants to be told."""
    router = APIRouter(tags=["subscriptions"], responses={code: PROBLEM_RESPONSES[code] for code in (422, 503)})

    @router.post(
        "/v1/subscriptions",
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

    @router.get("/v1/subscriptions", response_model=SubscriptionList, summary="Who wants to be told?")
    async def show_all() -> Response:
        return json_answer({"subscriptions": [dict(row) for row in await list_subscriptions(database)]})

    @router.delete(
        "/v1/subscriptions/{subscription_id}",
        status_code=204,
        responses={404: PROBLEM_RESPONSES[404]},
        summary="Tell this destination no more",
    )
    async def unsubscribe(subscription_id: UUID) -> Response:
        if not await remove_subscription(database, subscription_id):
            raise Rejected("not_found", f"there is no subscription {subscription_id}")
        return Response(status_code=204)

    return router


async def _chunks(
    opening: bytes, pages: AsyncIterator[Sequence[StoredAlert]], recipient: str | None
) -> AsyncIterator[bytes]:
    """One chunk for all alerts of a page: under load that is a hundredth of the writes."""
    yield opening
    async for page in pages:
        wanted = [alert for alert in page if recipient in (None, alert.recipient)]
        yield b"".join(map(_event, wanted)) or b": quiet\n\n"


def _moved(asked: int | None, after: int) -> bytes:
    """Tell an app that its position is none, so that it can ask for the list; the new one replaces it for next time."""
    return format_sse_event(id=str(after), event=MOVED, data_str=to_json({"asked": asked, "after": after}).decode())


def _event(alert: StoredAlert) -> bytes:
    return format_sse_event(id=str(alert.position), event=alert.kind, data_str=to_json(alert).decode())
