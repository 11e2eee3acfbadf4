"""How do events leave the outbox for Kafka: each one, in the order of their key, as soon as they are committed?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)

from lamplight_chassis.dead_letters import letter_from_outbox
from lamplight_chassis.kafka import stop_quietly
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.outbox import unpack_headers
from lamplight_chassis.pace import Pace
from lamplight_chassis.relay_session import RelaySession, Row, open_session
from lamplight_chassis.trail import correlation_of, on_behalf_of

log = structlog.get_logger()

ROUND_ROWS = 500
POLL_S = 0.1
REST_SHARE = 1.0
LONGEST_REST_S = 0.05
STANDBY_POLL_S = 0.5
CALL_PAUSE_S = 0.01
PAUSE_AFTER_FAILURE_S = 0.5
SLOW_ROUND_S = 5.0
NEVER_SENDABLE = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidTopicError,
    UnknownTopicOrPartitionError,
    AssertionError,  # how the client refuses a record that has neither key nor value
    TypeError,  # how it refuses a key, value or header that is not of its type
)

StartProducer = Callable[[], Awaitable[AIOKafkaProducer]]


class Relay:
    """Publishes the outbox of one database; of several instances exactly one is active, by an advisory lock.

    It always takes the oldest rows, never "after the last id": a transaction that commits late has a smaller id.
    A relay that lost its session may still have a batch on its way: the next one sends it again from its first row, and
    consumers tell the copies by the event id, so the first effect of each event still comes in order.
    """

    def __init__(
        self, *, name: str, dsn: str, dead_letter_topic: str, start_producer: StartProducer, metrics: ChassisMetrics
    ) -> None:
        self._name = name
        self._dsn = dsn
        self._dead_letter_topic = dead_letter_topic
        self._start_producer = start_producer
        """Connects a new producer to Kafka (`kafka.start_producer`); called once for each session."""
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._is_stopping = False
        self._failure: str | None = "the relay has not reached Kafka yet"
        self._round_began_s: float | None = None

    @property
    def trouble(self) -> str | None:
        """Why events do not leave at present, or None."""
        if self._round_began_s is not None and (waited_s := time.monotonic() - self._round_began_s) > SLOW_ROUND_S:
            return f"Kafka has not acknowledged anything for {waited_s:.0f} s"
        return self._failure

    def wake(self) -> None:
        """Say that the outbox has something new."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the round that is on its way and end `run`."""
        self._is_stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Publish until stopped, through any outage of Kafka or the database."""
        while not self._is_stopping:
            try:
                await self._run_session()
            except Exception as error:
                self._note_failure(error)
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
            finally:
                self._metrics.relay_active.set(0)
                self._round_began_s = None

    async def _run_session(self) -> None:
        async with open_session(self._dsn, application_name=f"{self._name}-relay", woken=self._woken) as session:
            await self._stand_by(session)
            if self._is_stopping:
                return
            producer = await self._start_producer()
            try:
                await session.listen()
                self._metrics.relay_active.set(1)
                self._failure = None
                await self._publish_rounds(session, producer)
            finally:
                await stop_quietly(producer)

    async def _stand_by(self, session: RelaySession) -> None:
        """Wait for the lock; until then pass every wake-up on to the instance that holds it."""
        while not self._is_stopping and not await session.try_lock():
            self._failure = None
            if await session.wait(STANDBY_POLL_S):
                self._woken.clear()
                await session.call_active()
                await asyncio.sleep(CALL_PAUSE_S)

    async def _publish_rounds(self, session: RelaySession, producer: AIOKafkaProducer) -> None:
        pace = Pace(share=REST_SHARE, most_s=LONGEST_REST_S)
        while not self._is_stopping:
            pace.begin()
            rows = await session.oldest(ROUND_ROWS)
            if not rows:
                await session.wait(POLL_S)
                continue
            self._round_began_s = time.monotonic()
            await self._publish(session, producer, rows)
            self._round_began_s = None
            await pace.rest()

    async def _publish(self, session: RelaySession, producer: AIOKafkaProducer, rows: Sequence[Row]) -> None:
        """Send a round pipelined, delete what was acknowledged, park what can never be sent.

        Raises:
            KafkaError: the broker is away; nothing counts against the rows, they stay.
        """
        unknown = await _unknown_topics(producer, {row.topic for row in rows})
        sendable = [row for row in rows if row.topic not in unknown]
        results = await _send_pipelined(producer, sendable)
        acknowledged = [row for row, result in zip(sendable, results, strict=False) if result is None]
        if acknowledged:
            await session.delete([row.id for row in acknowledged])
            for topic, count in Counter(row.topic for row in acknowledged).items():
                self._metrics.outbox_published.labels(topic).inc(count)
        errors = [(row, error) for row, error in zip(sendable, results, strict=False) if error is not None]
        for row in _first_of_each_key(row for row in rows if row.topic in unknown):
            await self._park(session, producer, row, f"there is no topic {row.topic}")
        for row, error in errors[:1]:
            if not isinstance(error, NEVER_SENDABLE):
                raise error
            await self._send_alone(session, producer, row)

    async def _send_alone(self, session: RelaySession, producer: AIOKafkaProducer, row: Row) -> None:
        """Find out whether the first row that failed is itself at fault or only shared a batch with one that is."""
        [error] = await _send_pipelined(producer, [row])
        if error is None:
            await session.delete([row.id])
        elif isinstance(error, NEVER_SENDABLE):
            await self._park(session, producer, row, f"{type(error).__name__}: {error}")
        else:
            raise error

    async def _park(self, session: RelaySession, producer: AIOKafkaProducer, row: Row, reason: str) -> None:
        with on_behalf_of(correlation_of(unpack_headers(row.headers))):
            await self._park_row(session, producer, row, reason)

    async def _park_row(self, session: RelaySession, producer: AIOKafkaProducer, row: Row, reason: str) -> None:
        letter = letter_from_outbox(row, producer=self._name, topic=self._dead_letter_topic, reason=reason)
        try:
            await producer.send_and_wait(letter.topic, letter.value, key=letter.key, headers=list(letter.headers))
        except NEVER_SENDABLE as error:  # the row stays in the outbox, whole: the log has to do for a letter
            log.error("outbox.letter_unsendable", outbox_id=row.id, error=repr(error))
        await session.park(row, reason)
        self._metrics.dead_letters.labels(row.topic, "unsendable").inc()
        log.error("outbox.key_parked", outbox_id=row.id, topic=row.topic, reason=reason)

    def _note_failure(self, error: Exception) -> None:
        reason = type(error).__name__
        self._metrics.relay_failures.labels(reason).inc()
        self._failure = f"{reason}: {error}"
        log.warning("outbox.relay_failed", error=self._failure)


def _first_of_each_key(rows: Iterable[Row]) -> Sequence[Row]:
    first: dict[tuple[str, bytes], Row] = {}
    for row in rows:
        first.setdefault((row.topic, row.key), row)
    return list(first.values())


async def _send_pipelined(producer: AIOKafkaProducer, rows: Sequence[Row]) -> list[BaseException | None]:
    """Send rows in order without waiting between them; answers None or the error for each row that was tried.

    Stops at the first row that the producer refuses to take: nothing later may overtake it.
    """
    futures: list[asyncio.Future[object]] = []
    refused: list[BaseException] = []
    for row in rows:
        try:
            futures.append(await producer.send(row.topic, row.value, key=row.key, headers=unpack_headers(row.headers)))
        except Exception as error:
            refused.append(error)
            break
    results = await asyncio.gather(*futures, return_exceptions=True)
    return [result if isinstance(result, BaseException) else None for result in results] + refused


async def _unknown_topics(producer: AIOKafkaProducer, topics: set[str]) -> set[str]:
    """Topics the cluster does not have; asked only about those that this producer has never seen."""
    known: set[str] = producer.client.cluster.topics()
    if topics <= known:
        return set()
    cluster = await producer.client.fetch_all_metadata()
    for topic in topics & cluster.topics():
        await producer.client.add_topic(topic)
    return topics - set(cluster.topics())
