"""How does a service talk to Kafka without losing anything? The safe settings, once."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.partitioner import murmur2
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.message import StreamMessage

from lamplight_chassis.fetching import Fetching, OnUnreadable
from lamplight_chassis.settings import ServiceSettings

REQUEST_TIMEOUT_MS = 10_000
PRODUCER_BATCH_BYTES = 64 * 1024
# A dead letter is its record and the reason: it must fit where the record fitted.
MAX_REQUEST_BYTES = 2 * 1024 * 1024
# How long a quiet consumer waits for records before it looks again; FastStream sleeps as long once more.
IDLE_WAIT_MS = 20
STOP_TIMEOUT_S = 2.0
REMEMBERED_KEYS = 4_096

log = structlog.get_logger()

Records = Sequence["ConsumerRecord[bytes, bytes]"]


def create_broker(settings: ServiceSettings, *, name: str) -> KafkaBroker:
    """A broker that consumes only: the relay is the one producer of a service."""
    return KafkaBroker(
        settings.kafka_bootstrap_servers,
        client_id=f"{name}-{settings.instance_id}",
        allow_auto_create_topics=False,
        consumer_only=True,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        graceful_timeout=STOP_TIMEOUT_S,
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
    )


def subscribe(
    broker: KafkaBroker,
    settings: ServiceSettings,
    *,
    name: str,
    topic: str,
    handle: Callable[[Records], Awaitable[None]],
    on_unreadable: OnUnreadable,
) -> None:
    """Read a topic in batches; offsets are committed after `handle` returned, and never before.

    A batch that raises is rewound and read again. Membership is static: a restarted instance takes its partitions
    back without a rebalance. A record that Kafka's client cannot read is told to `on_unreadable` and passed over.
    """
    subscriber = broker.subscriber(
        topic,
        batch=True,
        group_id=name,
        group_instance_id=f"{name}-{settings.instance_id}-{topic}",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_records=settings.consumer_batch_records,
        batch_timeout_ms=IDLE_WAIT_MS,
        session_timeout_ms=settings.consumer_session_timeout_ms,
        heartbeat_interval_ms=settings.consumer_session_timeout_ms // 4,
        parser=parse_without_trust,
        decoder=leave_encoded,
    )

    subscriber(_returning(handle, topic=topic))
    # FastStream would read it again and again, or start its loop anew without a pause: nothing behind it would come.
    most = settings.consumer_batch_records
    fetching = Fetching(subscriber.get_msg, topic=topic, on_unreadable=on_unreadable, most=most)
    subscriber.get_msg = fetching  # type: ignore[method-assign,assignment]


def _returning(
    handle: Callable[[Records], Awaitable[None]], *, topic: str
) -> Callable[[KafkaMessage], Awaitable[None]]:
    async def on_records(message: KafkaMessage) -> None:
        try:
            await handle(message.raw_message)
        except Exception:
            log.exception("consumer.batch_returned", topic=topic, records=len(message.raw_message))
            raise

    return on_records


async def parse_without_trust(records: Records, parse: Callable[[Records], Awaitable[Any]]) -> Any:
    """Show FastStream one record without headers: it would fail on a null one, and the whole batch with it."""
    message = await parse((replace(records[0], headers=()),))
    message.raw_message = records
    return message


async def leave_encoded(message: StreamMessage[Any]) -> Any:
    """The contract decodes values, record by record; one that is not JSON must not stop its neighbours."""
    return message.body


async def start_producer(settings: ServiceSettings, *, name: str) -> AIOKafkaProducer:
    """A started producer: acknowledged by all replicas, idempotent, so that no retry doubles or reorders."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=f"{name}-{settings.instance_id}-relay",
        acks="all",
        enable_idempotence=True,
        max_batch_size=PRODUCER_BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        partitioner=partition_of,
    )
    try:
        await producer.start()
    except BaseException:
        await stop_quietly(producer)
        raise
    # The client drops a batch that waits for a partition's leader longer than a request may take; were the leader back
    # between two batches of one key, the second would overtake the first. Here a batch waits as long as it must.
    producer._message_accumulator._batch_ttl = math.inf
    return producer


def partition_of(key: bytes, partitions: Sequence[int], _: Sequence[int]) -> int:
    """Where every Kafka client puts a key; a partition without a leader is waited for, or order would be lost."""
    return partitions[(_hash_of(key) & 0x7FFFFFFF) % len(partitions)]


@lru_cache(maxsize=REMEMBERED_KEYS)
def _hash_of(key: bytes) -> int:
    """The client's hash is pure Python and costs as much as the rest of a send; an aggregate's events share it."""
    hashed: int = murmur2(key)
    return hashed


async def stop_quietly(producer: AIOKafkaProducer) -> None:
    """Stop a producer whose broker may be gone: what it did not send is still in the outbox."""
    with suppress(Exception):  # nobody can act on it, and the rows it may have sent or not are still there
        await asyncio.wait_for(producer.stop(), STOP_TIMEOUT_S)
