"""Which deliveries are due, who has leased them, and how did they end?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import Database
from lamplight_events.alerts import AlertDelivered, AlertFailed
from lamplight_events.envelope import Cause
from lamplight_events.messages import write_message
from notify.audience import AlertKind


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way to one destination; `tries` counts this one already."""

    id: UUID
    alert_id: UUID
    subscription_id: UUID
    event_id: UUID
    case_id: UUID
    recipient: str
    kind: AlertKind
    category: str
    zone: str
    text_zh: str
    text_en: str
    correlation_id: str
    traceparent: str | None
    created_at: datetime
    channel: str
    target: str
    secret: str | None
    tries: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How one try ended: `retry_at` is None when it was the last, `error` is None when it succeeded."""

    delivery: Delivery
    error: str | None
    retry_at: datetime | None


# Claiming counts the try before it is made and pushes the row ahead by the lease: a worker that dies while it sends
# leaves nothing behind that is "sending" for ever. Each destination for which something waits is looked up by itself:
# however many deliveries are due for one, they cost the others nothing. Places are looked at once more when they are
# locked, for another instance may just have taken them.
_CLAIM = text("""
    WITH RECURSIVE waiting (subscription_id) AS (
        (SELECT subscription_id FROM deliveries WHERE state = 'pending' ORDER BY subscription_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.subscription_id FROM deliveries d
                WHERE d.state = 'pending' AND d.subscription_id > w.subscription_id ORDER BY d.subscription_id LIMIT 1)
        FROM waiting w WHERE w.subscription_id IS NOT NULL
    ), share AS (
        SELECT least(CAST(:for_each AS bigint), greatest(1, CAST(:capacity AS bigint) / (1 + count(*)))) AS flights
        FROM waiting WHERE subscription_id IS NOT NULL
    ), busy AS (
        SELECT * FROM unnest(CAST(:busy AS uuid[]), CAST(:flights AS integer[])) AS b (subscription_id, flights)
    ), picked AS (
        SELECT d.place FROM share CROSS JOIN waiting LEFT JOIN busy USING (subscription_id) CROSS JOIN LATERAL (
            SELECT ctid AS place, due_at FROM deliveries
            WHERE subscription_id = waiting.subscription_id AND state = 'pending' AND due_at <= :now
            ORDER BY due_at LIMIT greatest(share.flights - coalesce(busy.flights, 0), 0)) d
        ORDER BY d.due_at LIMIT :limit
    ), due AS (
        SELECT ctid AS place FROM deliveries WHERE ctid = ANY(ARRAY(SELECT place FROM picked))
        AND state = 'pending' AND due_at <= :now FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE deliveries SET tries = tries + 1, due_at = :lease_until
        WHERE ctid = ANY(ARRAY(SELECT place FROM due)) RETURNING id, alert_id, subscription_id, tries
    )
    SELECT c.id, c.alert_id, c.subscription_id, a.event_id, a.case_id, a.recipient, a.kind, a.category, a.zone,
        a.text_zh, a.text_en, a.correlation_id, a.traceparent, a.created_at, s.channel, s.target, s.secret, c.tries,
        (SELECT flights FROM share) AS share
    FROM claimed c JOIN alerts a ON a.id = c.alert_id JOIN subscriptions s ON s.id = c.subscription_id
    ORDER BY a.position""")
# An ending counts only for the try it belongs to: after a lease ran out, another worker may be at the next one.
_FINISH = text(
    "UPDATE deliveries AS d SET state = e.state, finished_at = :now, last_error = e.error "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:tries AS integer[]), CAST(:states AS text[]), CAST(:errors AS text[])) "
    "AS e (id, tries, state, error) WHERE d.id = e.id AND d.tries = e.tries AND d.state = 'pending' RETURNING d.id"
)
_RETRY = text(
    "UPDATE deliveries AS d SET due_at = e.due_at, last_error = e.error FROM unnest(CAST(:ids AS uuid[]), "
    "CAST(:tries AS integer[]), CAST(:dues AS timestamptz[]), CAST(:errors AS text[])) AS e (id, tries, due_at, error) "
    "WHERE d.id = e.id AND d.tries = e.tries AND d.state = 'pending'"
)


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries may be leased.

    Arguments:
        now: at most so many at once.
        capacity: those that wait share so many flights, and leave as many as each has for one that comes later.
        for_each: no destination has more than this, even if it is the only one.
        in_flight: what is being tried already, by destination.
    """

    now: int
    capacity: int
    for_each: int
    in_flight: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """Deliveries that were leased, and how many each destination may have in flight at present."""

    deliveries: Sequence[Delivery]
    share: int


async def claim_due(database: Database, clock: Clock, lease_s: float, room: Room) -> Claim:
    """Lease the oldest due deliveries; another instance takes others, or these when the lease is over."""
    now = clock()
    values = {
        "now": now,
        "lease_until": now + timedelta(seconds=lease_s),
        "limit": room.now,
        "capacity": room.capacity,
        "for_each": room.for_each,
        "busy": list(room.in_flight),
        "flights": list(room.in_flight.values()),
    }
    async with database.transaction() as work:
        rows = (await work.connection.execute(_CLAIM, values)).mappings().all()
    return Claim([_delivery(row) for row in rows], share=rows[0]["share"] if rows else room.for_each)


async def settle(database: Database, clock: Clock, new_id: NewId, endings: Sequence[Ending]) -> Sequence[None]:
    """Write down how tries ended, and tell of the deliveries that are over, each once."""
    now = clock()
    over = {ending.delivery.id: ending for ending in endings if ending.retry_at is None}
    again = [ending for ending in endings if ending.retry_at is not None]
    async with database.transaction() as work:
        if again:
            columns = {
                "ids": [ending.delivery.id for ending in again],
                "tries": [ending.delivery.tries for ending in again],
                "dues": [ending.retry_at for ending in again],
                "errors": [ending.error for ending in again],
            }
            await work.connection.execute(_RETRY, columns)
        if over:
            columns = {
                "ids": list(over),
                "tries": [ending.delivery.tries for ending in over.values()],
                "states": ["failed" if ending.error else "delivered" for ending in over.values()],
                "errors": [ending.error for ending in over.values()],
                "now": now,
            }
            for delivery_id in (await work.connection.execute(_FINISH, columns)).scalars():
                event = _told(over[delivery_id], now)
                delivery = over[delivery_id].delivery
                cause = Cause(delivery.correlation_id, delivery.event_id, delivery.traceparent)
                work.emit(write_message(event, event_id=new_id(), producer="notify", time=now, cause=cause))
    return [None] * len(endings)


def _delivery(row: RowMapping) -> Delivery:
    fields = {**row, "kind": AlertKind(row["kind"])}
    del fields["share"]
    return Delivery(**fields)


def _told(ending: Ending, now: datetime) -> AlertDelivered | AlertFailed:
    delivery = ending.delivery
    fields: dict[str, Any] = {
        "alert_id": delivery.alert_id,
        "delivery_id": delivery.id,
        "case_id": delivery.case_id,
        "recipient": delivery.recipient,
        "channel": delivery.channel,
        "tries": delivery.tries,
        "occurred_at": now,
    }
    return AlertFailed(**fields, reason=ending.error[:500]) if ending.error else AlertDelivered(**fields)
