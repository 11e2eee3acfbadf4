"""Does a consumer get past every record that its Kafka client cannot read, without losing any other?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaConnectionError
from structlog.testing import capture_logs

import lamplight_chassis.fetching
from deploy.local.stack import Stack
from lamplight_chassis.fetching import Fetching
from lamplight_chassis.kafka import Records, create_broker, subscribe
from lamplight_chassis.settings import ServiceSettings
from tests.kafka import CODECS, UnreadableName, a_producer, a_topic_name, careless_batches, create_topics
from tests.polling import until

GROUP = "readers"


class Reader:
    """What a consumer of the chassis was handed, by value; and the places of what it could not be handed."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.unreadable: list[tuple[int, int, str]] = []
        self.failures: list[Exception] = []

    async def handle(self, records: Records) -> None:
        self.values += [(record.value or b"").decode() for record in records]

    async def on_unreadable(self, partition: int, offset: int, error: Exception) -> None:
        if self.failures:
            raise self.failures.pop()
        self.unreadable.append((partition, offset, type(error).__name__))


@asynccontextmanager
async def reading(stack: Stack, topic: str, reader: Reader) -> AsyncIterator[None]:
    settings = ServiceSettings(
        database_url="postgresql://nobody@127.0.0.1:1/none",
        kafka_bootstrap_servers=stack.bootstrap_servers,
        instance_id="1",
        consumer_session_timeout_ms=6000,
    )
    broker = create_broker(settings, name=GROUP)
    subscribe(broker, settings, name=GROUP, topic=topic, handle=reader.handle, on_unreadable=reader.on_unreadable)
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


async def send(
    stack: Stack, topic: str, *batches: Sequence[str], partition: int = 0, codec: str | None = None, spoilt: str = ""
) -> None:
    """Write batches as they stand; the record with the value `spoilt` has a header that no text can name."""
    with careless_batches():
        async with a_producer(stack.bootstrap_servers, codec=codec) as producer:
            for batch in batches:
                builder = producer.create_batch()
                for value in batch:
                    headers = [(UnreadableName("x"), b"1")] if value == spoilt else []
                    builder.append(key=None, value=value.encode(), timestamp=None, headers=headers)
                await (await producer.send_batch(builder, topic, partition=partition))


async def committed(stack: Stack, topic: str, partition: int = 0) -> int | None:
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap_servers, group_id=GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition)])
        position: int | None = await consumer.committed(TopicPartition(topic, partition))
        return position
    finally:
        await consumer.stop()


@pytest.mark.live
@pytest.mark.parametrize("codec", CODECS)
async def test_records_are_read_however_a_stranger_packed_them(stack: Stack, codec: str) -> None:
    await create_topics(stack.bootstrap_servers, topic := a_topic_name(), partitions=1)
    reader = Reader()
    await send(stack, topic, ["a" * 500, "b" * 500], codec=codec)

    async with reading(stack, topic, reader):
        await until(lambda: _is(len(reader.values) == 2), "both are read", within_s=20)

    assert (reader.values, reader.unreadable) == (["a" * 500, "b" * 500], [])


@pytest.mark.live
async def test_a_record_that_the_client_cannot_read_is_told_and_passed_over_and_no_neighbour_is_lost(
    stack: Stack,
) -> None:
    await create_topics(stack.bootstrap_servers, topic := a_topic_name(), partitions=3)
    reader = Reader()
    for partition in range(3):
        names = [f"{partition}-{number}" for number in range(30)]
        await send(stack, topic, names[:20], ["bad"], names[20:], partition=partition, spoilt="bad" * (partition != 1))

    async with reading(stack, topic, reader):
        await until(lambda: _is(len(reader.values) >= 91), "all that can be read is read", within_s=30)
        await send(stack, topic, ["later"], partition=2)
        await until(lambda: _is("later" in reader.values), "what comes later is read", within_s=20)

    good = [f"{partition}-{number}" for partition in range(3) for number in range(30)]
    assert sorted(reader.values) == sorted([*good, "bad", "later"])
    assert sorted(reader.unreadable) == [(0, 20, "UnicodeDecodeError"), (2, 20, "UnicodeDecodeError")]
    for partition in range(3):
        ours = [value for value in reader.values if value.startswith(f"{partition}-")]
        assert ours == sorted(ours, key=lambda value: int(value[2:]))


@pytest.mark.live
async def test_what_was_passed_over_does_not_come_again_to_the_next_instance(stack: Stack) -> None:
    await create_topics(stack.bootstrap_servers, topic := a_topic_name(), partitions=1)
    reader = Reader()
    await send(stack, topic, ["bad"], spoilt="bad")

    async with reading(stack, topic, reader):
        await until(lambda: _is(bool(reader.unreadable)), "it is told", within_s=20)

        async def is_committed() -> bool:
            return await committed(stack, topic) == 1

        await until(is_committed, "it is passed over", within_s=20)


@pytest.mark.live
async def test_a_record_is_not_passed_over_before_word_of_it_is_kept(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lamplight_chassis.fetching, "PAUSE_S", 0.01)
    await create_topics(stack.bootstrap_servers, topic := a_topic_name(), partitions=1)
    reader = Reader()
    reader.failures = [ConnectionResetError("the database is away")] * 2
    await send(stack, topic, ["bad"], ["good"], spoilt="bad")

    async with reading(stack, topic, reader):
        await until(lambda: _is(bool(reader.values)), "the neighbour is read", within_s=30)

    assert (reader.values, reader.unreadable, reader.failures) == (["good"], [(0, 0, "UnicodeDecodeError")], [])


@pytest.mark.live
async def test_what_the_client_had_in_hand_when_it_failed_is_not_lost(stack: Stack) -> None:
    await create_topics(stack.bootstrap_servers, topic := a_topic_name(), partitions=2)
    await send(stack, topic, ["a", "b", "c"])
    await send(stack, topic, ["d"], partition=1)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=stack.bootstrap_servers,
        group_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    consumer.assign([TopicPartition(topic, partition) for partition in range(2)])

    async def _unpack_records(_: Any) -> Any:
        """Named as the client's own: what was handed out before it fails never arrives."""
        assert await consumer.getmany(TopicPartition(topic, 0), timeout_ms=20_000, max_records=2)
        raise UnicodeError("not a name")

    fetching = Fetching(_unpack_records, topic=topic, on_unreadable=Reader().on_unreadable, most=10)
    try:
        first, second = [await fetching(consumer) for _ in range(2)]
    finally:
        await consumer.stop()

    assert first == ()
    assert sorted((record.value or b"").decode() for record in second) == ["a", "b", "c", "d"]


async def test_a_failure_that_names_no_record_is_waited_out_and_never_spins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lamplight_chassis.fetching, "PAUSE_S", 0.05)
    fetching = Fetching(_raise(KeyError("a bug")), topic="words", on_unreadable=Reader().on_unreadable, most=10)
    began_s = asyncio.get_running_loop().time()

    with capture_logs() as logs:
        records = await fetching(cast(AIOKafkaConsumer, None))

    assert records == ()
    assert asyncio.get_running_loop().time() - began_s >= 0.05
    assert [line["event"] for line in logs] == ["consumer.fetch_failed"]


@pytest.mark.parametrize("failure", [KafkaConnectionError("away"), ConsumerStoppedError()])
async def test_what_a_broker_says_is_left_to_the_loop(failure: Exception) -> None:
    fetching = Fetching(_raise(failure), topic="words", on_unreadable=Reader().on_unreadable, most=10)

    with pytest.raises(type(failure)):
        await fetching(cast(AIOKafkaConsumer, None))


async def _is(fact: bool) -> bool:
    return fact


def _raise(failure: Exception) -> Any:
    async def fetch(_: Any) -> Any:
        raise failure

    return fetch
