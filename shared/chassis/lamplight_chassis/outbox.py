"""How is an event stored in the transaction that made it true?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from lamplight_chassis.bulk import BulkAppend

KafkaHeaders = Sequence[tuple[str, bytes | None]]


class OutgoingRecord(Protocol):
    """What the outbox needs to know of an event that is ready for the wire."""

    @property
    def event_id(self) -> UUID: ...
    @property
    def topic(self) -> str: ...
    @property
    def key(self) -> bytes: ...
    @property
    def headers(self) -> KafkaHeaders: ...
    @property
    def value(self) -> bytes | None: ...


def outbox_table(metadata: MetaData) -> Table:
    """Declare the outbox in a service's metadata; a row lives from the commit until Kafka has acknowledged it."""
    table = Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("topic", Text, nullable=False),
        Column("key", LargeBinary, nullable=False),
        Column("headers", Text, nullable=False),
        Column("value", LargeBinary, nullable=True),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
        Column("parked_reason", Text, nullable=True),
    )
    Index("outbox_parked", table.c.topic, table.c.key, postgresql_where=table.c.parked_reason.is_not(None))
    return table


_APPEND = BulkAppend("outbox", ("event_id", "topic", "key", "headers", "value"))


async def add_to_outbox(connection: AsyncConnection, records: Sequence[OutgoingRecord]) -> None:
    """Store records in their order, in the caller's transaction.

    The caller holds the lock of the aggregate that the records tell of, so that id order is event order.
    """
    rows = [(r.event_id, r.topic, r.key, pack_headers(r.headers), r.value) for r in records]
    await _APPEND.write(connection, rows)


def pack_headers(headers: KafkaHeaders) -> str:
    """Headers as JSON text; latin-1 maps every byte to one character, so any value survives."""
    return orjson.dumps(
        [(name, None if value is None else value.decode("latin-1")) for name, value in headers]
    ).decode()


def unpack_headers(packed: str) -> list[tuple[str, bytes | None]]:
    """The headers that `pack_headers` packed."""
    return [(name, None if value is None else value.encode("latin-1")) for name, value in orjson.loads(packed)]
