"""How does a batch of records take effect: all of it in one transaction, each record exactly once?"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

import stamina
import structlog
from aiokafka import ConsumerRecord

from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.dead_letters import describe, letter_from_record, place_id, reason_of, unreadable_record
from lamplight_chassis.errors import Rejected
from lamplight_chassis.inbox import claim_events, digest_of, release_events
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.pace import Pace
from lamplight_chassis.progress import Progress
from lamplight_chassis.trail import correlation_of, on_behalf_of
from lamplight_chassis.transience import is_transient

log = structlog.get_logger()

# Bounded well inside the poll interval of 5 minutes, so that the group never thinks this member dead.
RETRY_FOR_S = 60.0
RETRY_PAUSE_S = 0.1
RETRY_PAUSE_MAX_S = 5.0

REST_SHARE = 1.0
LONGEST_REST_S = 0.05

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"


class IncomingMessage(Protocol):
    """A record that keeps the contract."""

    @property
    def id(self) -> UUID: ...


Message = TypeVar("Message", bound=IncomingMessage)
IsWanted = Callable[[Record], bool]
Refusals = Sequence[tuple[Message, Rejected]]
Decode = Callable[[Record], Message]
Apply = Callable[[UnitOfWork, Sequence[Message]], Awaitable[Refusals[Message]]]


@dataclass(frozen=True, slots=True)
class Read(Generic[Message]):
    """One record, and the message in it or why there is none."""

    record: Record
    id: UUID
    digest: int
    message: Message | None = None
    error: Exception | None = None


def every_record(_: Record) -> bool:
    """The rule of a consumer to which everything in its topic matters."""
    return True


class BatchConsumer(Generic[Message]):
    """Handles the batches of one topic for one service.

    Arguments:
        is_wanted: tells by the headers alone which records have no effect here; those are passed over unread.
        decode: reads a record; raises `Rejected` when it breaks the contract, anything else is a bug of the reader.
        apply: gives messages their effect inside the transaction, and returns those that the domain refused. It may
            raise: the batch is rolled back and its records are run one by one.
    """

    def __init__(
        self,
        *,
        topic: str,
        group: str,
        dead_letter_topic: str,
        decode: Decode[Message],
        apply: Apply[Message],
        database: Database,
        metrics: ChassisMetrics,
        progress: Progress,
        is_wanted: IsWanted = every_record,
    ) -> None:
        self._topic = topic
        self._group = group
        self._dead_letter_topic = dead_letter_topic
        self._decode = decode
        self._apply = apply
        self._database = database
        self._metrics = metrics
        self._progress = progress
        self._is_wanted = is_wanted
        self._pace = Pace(share=REST_SHARE, most_s=LONGEST_REST_S)

    async def consume(self, records: Sequence[Record]) -> None:
        """Give every record its effect or a dead letter; returns when that is committed.

        Raises:
            Exception: the database stayed away for a minute; nothing happened, the batch comes again.
        """
        began_s = time.perf_counter()
        self._pace.begin()
        reads = [self._read(record) for record in records if self._is_wanted(record)]
        if reads:
            await self._together_or_alone(reads)
        self._progress.advance(records)
        await self._pace.rest()
        self._metrics.batch_records.labels(self._topic).observe(len(reads))
        self._metrics.batch_seconds.labels(self._topic).observe(time.perf_counter() - began_s)

    async def park_unreadable(self, partition: int, offset: int, error: Exception) -> None:
        """Write a dead letter for a record that Kafka's client cannot read; all that is known of it is its place.

        Raises:
            Exception: the database stayed away for a minute; nothing happened.
        """
        record = unreadable_record(self._topic, partition, offset)
        refused = Rejected("unreadable", f"{type(error).__name__}: {error}")
        place = place_id(record, group=self._group)
        await self._together_or_alone([Read(record, place, digest_of(b""), error=refused)])
        self._progress.advance([record])

    def _read(self, record: Record) -> Read[Message]:
        digest = digest_of(record.value or b"")
        try:
            message = self._decode(record)
        except Exception as error:  # refused by the contract, or a bug of the reader: parked either way, blocks nobody
            return Read(record, place_id(record, group=self._group), digest, error=error)
        return Read(record, message.id, digest, message=message)

    async def _together_or_alone(self, reads: Sequence[Read[Message]]) -> None:
        try:
            await self._patiently(reads)
        except Exception as error:
            if is_transient(error):
                self._progress.blocked(f"{type(error).__name__}: {error}")
                raise
            log.warning("consumer.batch_split", topic=self._topic, records=len(reads), error=repr(error))
        else:
            return
        for read in reads:
            with on_behalf_of(correlation_of(read.record.headers)):
                await self._alone(read)

    async def _alone(self, read: Read[Message]) -> None:
        try:
            await self._patiently([read])
        except Exception as error:
            if is_transient(error):
                self._progress.blocked(f"{type(error).__name__}: {error}")
                raise
            await self._park_bug(read, error)

    async def _patiently(self, reads: Sequence[Read[Message]]) -> None:
        attempts = stamina.retry_context(
            on=is_transient,
            attempts=None,
            timeout=RETRY_FOR_S,
            wait_initial=RETRY_PAUSE_S,
            wait_max=RETRY_PAUSE_MAX_S,
        )
        async for attempt in attempts:
            with attempt:
                if attempt.num > 1:
                    self._metrics.consumer_retries.labels(self._topic).inc()
                await self._run(reads)

    async def _run(self, reads: Sequence[Read[Message]]) -> None:
        """One transaction: claim, apply, park what is refused."""
        async with self._database.transaction() as work:
            first = _first_of_each_id(reads)
            readable = {read.id: read.digest for read in first.values() if read.message is not None}
            claims = await claim_events(work.connection, readable)
            messages = [read.message for read in first.values() if read.message is not None and read.id in claims.fresh]
            refused = await self._apply(work, messages) if messages else ()
            parked = [(read, read.error) for read in first.values() if read.error is not None]
            parked += [(first[message.id], error) for message, error in refused]
            parked += [(read, _id_used_twice(read)) for read in _impostors(reads, first, claims.conflicting)]
            await release_events(work.connection, [message.id for message, _ in refused])
            newly_parked = await self._park(work, parked)
        self._count(reads, handled=len(messages) - len(refused), parked=newly_parked)

    async def _park(self, work: UnitOfWork, parked: Sequence[tuple[Read[Message], Exception]]) -> int:
        """Write dead letters, each once however often its record is delivered; answers how many are new."""
        letters = {
            letter.event_id: (letter, read, error)
            for read, error in parked
            for letter in [
                letter_from_record(read.record, error=error, group=self._group, topic=self._dead_letter_topic)
            ]
        }
        claims = await claim_events(work.connection, dict.fromkeys(letters, 0))
        for letter, read, error in (letters[event_id] for event_id in letters if event_id in claims.fresh):
            work.emit(letter)
            work.after_commit(partial(self._tell_parked, read.record, error))
        return len(claims.fresh)

    def _tell_parked(self, record: Record, error: Exception) -> None:
        self._metrics.dead_letters.labels(self._topic, reason_of(error)).inc()
        with on_behalf_of(correlation_of(record.headers)):
            log.warning(
                "consumer.record_parked",
                topic=self._topic,
                partition=record.partition,
                offset=record.offset,
                reason=reason_of(error),
                error=describe(error),
            )

    async def _park_bug(self, read: Read[Message], error: Exception) -> None:
        async with self._database.transaction() as work:
            newly_parked = await self._park(work, [(read, error)])
        self._count([read], handled=0, parked=newly_parked)

    def _count(self, reads: Sequence[Read[Message]], *, handled: int, parked: int) -> None:
        results = {"handled": handled, "parked": parked, "repeated": len(reads) - handled - parked}
        for result, count in results.items():
            if count:
                self._metrics.consumed.labels(self._topic, result).inc(count)


def _first_of_each_id(reads: Sequence[Read[Message]]) -> dict[UUID, Read[Message]]:
    first: dict[UUID, Read[Message]] = {}
    for read in reads:
        first.setdefault(read.id, read)
    return first


def _impostors(
    reads: Sequence[Read[Message]], first: dict[UUID, Read[Message]], conflicting: frozenset[UUID]
) -> Sequence[Read[Message]]:
    """Records that carry an id which stands for another content: not redeliveries, but a producer's mistake."""
    return [read for read in reads if read.id in conflicting or read.digest != first[read.id].digest]


def _id_used_twice(read: Read[Message]) -> Rejected:
    return Rejected("duplicate_id", f"the event id {read.id} was used before for another content")
