"""Which alerts were made, for whom, and what of them is still to be delivered?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, Index, MetaData, Text, text
from sqlmodel import Field, SQLModel

from lamplight_chassis.answers import to_json
from lamplight_chassis.bulk import BulkAppend, BulkInsert, array_literal, table_of
from lamplight_chassis.clock import NewId
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.idempotency import Answer, IdempotencyKey, Outcome, idempotency_table, perform_once
from lamplight_chassis.inbox import inbox_table
from lamplight_chassis.outbox import outbox_table
from notify.alerts import Alert
from notify.audience import AlertKind
from notify.subscriptions import EVERYBODY, NewSubscription, Subscription

metadata_of_notify = MetaData()
outbox_table(metadata_of_notify)
inbox_table(metadata_of_notify)
idempotency_table(metadata_of_notify)

POSITION_LOCK = 0x616C65727473
BEFORE_ALL = UUID(int=0)


class NotifyTable(SQLModel):
    """Base of notify's own tables: they share one MetaData, apart from the other services'."""

    metadata = metadata_of_notify


class SubscriptionRow(NotifyTable, table=True):
    """One destination."""

    __tablename__ = "subscriptions"

    id: UUID = Field(primary_key=True)
    recipient: str = Field(sa_type=Text, index=True)
    kinds: list[str] = Field(sa_type=ARRAY(Text))
    channel: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    secret: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class AlertRow(NotifyTable, table=True):
    """One alert; `position` grows in commit order, so a stream can continue after any of them."""

    __tablename__ = "alerts"

    id: UUID = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False, unique=True))
    event_id: UUID
    case_id: UUID
    recipient: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    category: str = Field(sa_type=Text)
    zone: str = Field(sa_type=Text)
    text_zh: str = Field(sa_type=Text)
    text_en: str = Field(sa_type=Text)
    correlation_id: str = Field(sa_type=Text)
    traceparent: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class DeliveryRow(NotifyTable, table=True):
    """One alert to one destination, with all its tries; `due_at` is also the end of a worker's lease."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("deliveries_due", "subscription_id", "due_at", postgresql_where=text("state = 'pending'")),)

    id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(index=True)
    subscription_id: UUID
    state: str = Field(sa_type=Text)
    tries: int
    due_at: datetime = Field(sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    last_error: str | None = Field(default=None, sa_type=Text)


_ALERT_COLUMNS = (
    "id", "event_id", "case_id", "recipient", "kind", "category", "zone", "text_zh", "text_en", "correlation_id",
    "traceparent", "created_at",
)  # fmt: skip
_ADD_ALERTS = BulkAppend("alerts", _ALERT_COLUMNS)
_ADD_SUBSCRIPTIONS = BulkInsert(
    table_of(SubscriptionRow), ("id", "recipient", "kinds", "channel", "target", "secret", "created_at")
)
_ADD_DELIVERIES = BulkAppend("deliveries", ("id", "alert_id", "subscription_id", "state", "tries", "due_at"))
# Locked against removal until the deliveries are in: else some would wait for a destination that is gone.
_SUBSCRIBED = text(
    "SELECT id, recipient, kinds, channel, target FROM subscriptions "
    "WHERE recipient = ANY(CAST(:recipients AS text[])) ORDER BY id FOR KEY SHARE"
)
_VIEW = "position, id, case_id, recipient, kind, category, zone, text_zh, text_en, created_at"
_AFTER = f"SELECT {_VIEW} FROM alerts WHERE position > $1 ORDER BY position LIMIT $2"
_SUBSCRIPTIONS = (
    "SELECT id, recipient, kinds, channel, target, created_at FROM subscriptions WHERE id > $1 ORDER BY id LIMIT $2"
)
_NEWEST = f"SELECT {_VIEW} FROM alerts ORDER BY position DESC LIMIT $1"


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as a stream or list shows it."""

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


async def save_alerts(work: UnitOfWork, alerts: Sequence[Alert], *, new_id: NewId) -> None:
    """Store alerts, and a delivery for each destination that wants them, due at once."""
    if not alerts:
        return
    subscribed = await _subscribed(work, {alert.recipient for alert in alerts})
    deliveries = [
        (new_id(), alert.id, subscription.id, "pending", 0, alert.created_at)
        for alert in alerts
        for subscription in (*subscribed.get(EVERYBODY, ()), *subscribed.get(alert.recipient, ()))
        if subscription.wants(alert)
    ]
    await _ADD_DELIVERIES.write(work.connection, deliveries)
    # Positions are given out one transaction at a time: whoever has read up to N will never find a new N - 1. Whatever
    # needs no position is done before, so that the others wait for this alone.
    await work.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": POSITION_LOCK})
    await _ADD_ALERTS.write(
        work.connection, [tuple(getattr(alert, name) for name in _ALERT_COLUMNS) for alert in alerts]
    )


async def alerts_after(database: Database, position: int, *, limit: int) -> Sequence[StoredAlert]:
    """The alerts that follow a position, oldest first."""
    return [_stored(row) for row in await database.fetch(_AFTER, position, limit)]


async def newest_alerts(database: Database, *, limit: int) -> Sequence[StoredAlert]:
    """The newest alerts, newest first."""
    return [_stored(row) for row in await database.fetch(_NEWEST, limit)]


async def last_position(database: Database) -> int:
    """The position of the newest alert, 0 when there is none."""
    [row] = await database.fetch("SELECT coalesce(max(position), 0) AS position FROM alerts")
    return int(row["position"])


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish to be told, on its way into the database."""

    id: UUID
    new: NewSubscription
    created_at: datetime
    idempotency: IdempotencyKey | None


async def save_wishes(database: Database, wishes: Sequence[Wish]) -> Sequence[Outcome]:
    """Store destinations in one transaction; a repeated key gets its first answer."""
    async with database.transaction() as work:

        async def insert(new: Sequence[Wish]) -> Sequence[Outcome]:
            await _ADD_SUBSCRIPTIONS.write(work.connection, [_subscription_values(wish) for wish in new])
            return [Answer(201, to_json(_shown(wish))) for wish in new]

        return await perform_once(work.connection, wishes, insert)


async def list_subscriptions(database: Database, *, after: UUID | None, limit: int) -> Sequence[Mapping[str, Any]]:
    """The destinations that follow one, or the first, without their secrets; oldest first."""
    return await database.fetch(_SUBSCRIPTIONS, after or BEFORE_ALL, limit)


async def remove_subscription(database: Database, subscription_id: UUID) -> bool:
    """Forget a destination and what still waits for it; False when there is none."""
    async with database.transaction() as work:
        removed = await work.connection.execute(
            text("DELETE FROM subscriptions WHERE id = :id"), {"id": subscription_id}
        )
        await work.connection.execute(
            text("DELETE FROM deliveries WHERE subscription_id = :id AND state = 'pending'"), {"id": subscription_id}
        )
        return bool(removed.rowcount)


async def _subscribed(work: UnitOfWork, recipients: set[str]) -> Mapping[str, Sequence[Subscription]]:
    """The destinations of these recipients and of everybody, by recipient."""
    rows = await work.connection.execute(_SUBSCRIBED, {"recipients": [*recipients, EVERYBODY]})
    found: dict[str, list[Subscription]] = {}
    for row in rows:
        kinds = frozenset(AlertKind(kind) for kind in row.kinds)
        found.setdefault(row.recipient, []).append(Subscription(row.id, row.recipient, kinds, row.channel, row.target))
    return found


def _subscription_values(wish: Wish) -> tuple[object, ...]:
    new = wish.new
    return (wish.id, new.recipient, array_literal(new.kinds), new.channel, new.target, new.secret, wish.created_at)


def _shown(wish: Wish) -> dict[str, object]:
    return {"id": wish.id, **wish.new.model_dump(exclude={"secret"}), "created_at": wish.created_at}


def _stored(row: Mapping[str, Any]) -> StoredAlert:
    return StoredAlert(**{**row, "kind": AlertKind(row["kind"])})
