"""How does a test make the things that the plumbing carries, without any meaning of their own?"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord
from sqlalchemy import text

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_chassis.outbox import KafkaHeaders, unpack_headers
from tests.builders import raw_record

WRITE_EFFECT = text("INSERT INTO effects (message_id, word) VALUES (:id, :word)")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event that is ready for the wire."""

    event_id: UUID = field(default_factory=new_id)
    topic: str = "words"
    key: bytes = b"key"
    headers: KafkaHeaders = ()
    value: bytes | None = b"{}"


@dataclass(frozen=True, slots=True)
class Word:
    """A message that says one word."""

    id: UUID
    word: str


def a_word_record(
    word: str, *, event_id: UUID | None = None, offset: int = 0, correlation: str = "a-correlation-id"
) -> ConsumerRecord[bytes, bytes]:
    value = json.dumps({"id": str(event_id or new_id()), "word": word}).encode()
    headers = (("ce_type", b"word"), ("ce_correlationid", correlation.encode()))
    return raw_record(value, headers=headers, offset=offset)


def read_word(record: ConsumerRecord[bytes, bytes]) -> Word:
    """What a consumer decodes with."""
    try:
        found = json.loads(record.value or b"")
        return Word(UUID(found["id"]), found["word"])
    except ValueError as error:
        raise Rejected("malformed_value", "the value is no word") from error


class Dictionary:
    """Gives words their effect: it writes them down, refuses some, and breaks at others."""

    def __init__(self, *, refused: Sequence[str] = (), broken: Sequence[str] = ()) -> None:
        self.refused = list(refused)
        self.broken = list(broken)
        self.failures: list[Exception] = []
        self.batches: list[list[str]] = []

    async def apply(self, work: UnitOfWork, words: Sequence[Word]) -> Sequence[tuple[Word, Rejected]]:
        """What a consumer calls inside its transaction."""
        self.batches.append([word.word for word in words])
        for word in words:
            if word.word not in self.refused:
                await work.connection.execute(WRITE_EFFECT, {"id": word.id, "word": word.word})
        if self.failures:
            raise self.failures.pop(0)
        for word in words:
            if word.word in self.broken:
                raise KeyError(word.word)
        return [(word, Rejected("rude", "no such words here")) for word in words if word.word in self.refused]


async def rows_of(database: Database, query: str) -> Sequence[Any]:
    """All rows of one SELECT, as named tuples."""
    return [namedtuple("Row", row)(**row) for row in map(dict, await database.fetch(query))]


async def effects(database: Database) -> list[str]:
    """The words that took effect, in their order."""
    return [row.word for row in await rows_of(database, "SELECT word FROM effects ORDER BY place")]


async def letters(database: Database) -> list[dict[str, str]]:
    """The `dl_` headers of the dead letters that wait in the outbox, without their prefix."""
    rows = await rows_of(database, "SELECT headers FROM outbox WHERE topic = 'dead' ORDER BY id")
    return [why_parked(unpack_headers(row.headers)) for row in rows]


def why_parked(headers: KafkaHeaders) -> dict[str, str]:
    """The `dl_` headers of one dead letter, without their prefix."""
    return {name[3:]: value.decode() for name, value in headers if name.startswith("dl_") and value is not None}
