"""What stands in Kafka since the demo began, read as any consumer would?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from deploy.local.failure import CannotRun
from lamplight_events.messages import Message, read_message
from lamplight_events.topics import CASES, DEAD_LETTERS, REPORTS, TOPICS

POLL_MS = 500

Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class EventLog:
    """The events of one run, in the order of each case, and how many records of anybody were parked meanwhile."""

    messages: Sequence[Message]
    dead_letters: int


async def end_of_log(bootstrap_servers: str) -> Offsets:
    """Where each partition of every topic ends now."""
    async with _consumer(bootstrap_servers) as consumer:
        ends: Offsets = await consumer.end_offsets(_partitions())
        return ends


async def read_log(bootstrap_servers: str, *, since: Offsets, run_name: str) -> EventLog:
    """Read what was added since those ends.

    Arguments:
        run_name: how the correlation ids of the run begin; events of others are left out.

    Raises:
        CannotRun: Kafka does not answer.
        ContractError: a record on `grid.reports` or `grid.cases` breaks the contract.
    """
    async with _consumer(bootstrap_servers) as consumer:
        records = await _records(consumer, since)
    dead_letters = sum(record.topic == DEAD_LETTERS.name for record in records)
    messages = [_message(record) for record in records if record.topic in (REPORTS.name, CASES.name)]
    own = [message for message in messages if message.envelope.cause.correlation_id.startswith(run_name)]
    return EventLog(own, dead_letters)


@asynccontextmanager
async def _consumer(bootstrap_servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign(_partitions())
        yield consumer
    except KafkaError as error:
        raise CannotRun(f"Kafka at {bootstrap_servers} cannot be read: {error!r}") from error
    finally:
        await consumer.stop()


async def _records(consumer: AIOKafkaConsumer, since: Offsets) -> list[ConsumerRecord]:
    ends: Offsets = await consumer.end_offsets(list(since))
    for partition, offset in since.items():
        consumer.seek(partition, offset)
    records: list[ConsumerRecord] = []
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for batch in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            records += batch
    return records


def _partitions() -> list[TopicPartition]:
    return [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]


def _message(record: ConsumerRecord) -> Message:
    return read_message(
        topic=record.topic, key=record.key, headers=record.headers, value=record.value, now=datetime.now(UTC)
    )
