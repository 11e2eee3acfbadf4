"""How does a test make topics, read them to the end, and write any record into them?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.polling import until

_NUMBERS = count(1)
LARGEST_BYTES = 2 * 1024 * 1024
CODECS = ("gzip", "snappy", "lz4", "zstd")


class UnreadableName(str):
    """A header's name that is no text once it is on the wire; brokers take it, as they look at no header."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


@contextmanager
def careless_batches() -> Iterator[None]:
    """Let producers write headers of any name, as the clients of other languages do."""
    careful = message_accumulator.DefaultRecordBatchBuilder
    for module in (message_accumulator, producer):
        module.DefaultRecordBatchBuilder = _DefaultRecordBatchBuilderPy
    try:
        yield
    finally:
        for module in (message_accumulator, producer):
            module.DefaultRecordBatchBuilder = careful


def a_topic_name(word: str = "words") -> str:
    """A name that no other test and no earlier run has."""
    return f"{word}-{next(_NUMBERS)}-{uuid4().hex[:8]}"


async def create_topics(bootstrap_servers: str, *names: str, partitions: int = 3, max_bytes: int = 1024 * 1024) -> None:
    """Create topics, which did not exist."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        configs = {"max.message.bytes": str(max_bytes)}
        response = await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs) for name in names])
        assert [code for _, code, *_ in response.topic_errors] == [0] * len(names), response

        async def are_known() -> bool:
            return not any(topic["error_code"] for topic in await admin.describe_topics(list(names)))

        await until(are_known, "the broker knows its new topics")
    finally:
        await admin.close()


async def read_all(bootstrap_servers: str, topic: str) -> Sequence[ConsumerRecord[bytes, bytes]]:
    """Everything that a topic holds now, in order within each partition."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap_servers, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[ConsumerRecord[bytes, bytes]] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                found += records
        return found
    finally:
        await consumer.stop()


@asynccontextmanager
async def a_producer(bootstrap_servers: str, *, codec: str | None = None) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is not the project's own, as a stranger would use it."""
    stranger = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers, max_request_size=LARGEST_BYTES, compression_type=codec
    )
    await stranger.start()
    try:
        yield stranger
    finally:
        await stranger.stop()
