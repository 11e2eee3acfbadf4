"""Is a consumer that does not move told from one that has nothing to read?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.progress import Progress
from tests.builders import raw_record

AT_ONCE_S, NEVER_S = 0.0, 10_000.0


class FakeConsumer:
    """Knows where partitions begin and end, and what was committed of them."""

    def __init__(self, ends: Mapping[int, int], *, committed: Mapping[int, int], begins: Mapping[int, int]) -> None:
        self.ends = dict(ends)
        self.failure: Exception | None = None
        self._committed = committed
        self._begins = begins

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition("words", number) for number in self.ends}

    async def end_offsets(self, partitions: Any) -> dict[TopicPartition, int]:
        if self.failure is not None:
            raise self.failure
        return {partition: self.ends.get(partition.partition, 0) for partition in partitions}

    async def committed(self, partition: TopicPartition) -> int | None:
        return self._committed.get(partition.partition)

    async def beginning_offsets(self, partitions: Any) -> dict[TopicPartition, int]:
        return {partition: self._begins[partition.partition] for partition in partitions}


def a_consumer(
    ends: Mapping[int, int], committed: Mapping[int, int] | None = None, begins: Mapping[int, int] | None = None
) -> Any:
    return cast(
        AIOKafkaConsumer, FakeConsumer(ends, committed=committed or {}, begins=begins or dict.fromkeys(ends, 0))
    )


@pytest.fixture
def progress(metrics: ChassisMetrics) -> Progress:
    return Progress(topic="words", stall_s=AT_ONCE_S, metrics=metrics)


async def test_a_consumer_that_handles_nothing_while_records_wait_counts_as_dead(progress: Progress) -> None:
    await progress.watch(a_consumer({0: 5, 1: 3}))
    await asyncio.sleep(0)

    assert progress.stall is not None
    assert progress.stall.startswith("8 records of words wait, none was handled for")


async def test_a_consumer_that_counts_as_dead_is_not_ready_either(progress: Progress) -> None:
    await progress.watch(a_consumer({0: 5}))
    await asyncio.sleep(0)

    assert progress.trouble is not None
    assert progress.trouble.startswith("5 records of words wait, none was handled for")


async def test_a_consumer_has_time_before_it_counts_as_dead(metrics: ChassisMetrics) -> None:
    progress = Progress(topic="words", stall_s=NEVER_S, metrics=metrics)

    await progress.watch(a_consumer({0: 5}))

    assert progress.stall is None


async def test_a_consumer_with_nothing_to_read_is_alive_however_long_it_is_quiet(progress: Progress) -> None:
    await progress.watch(a_consumer({0: 5}, {0: 5}))

    assert progress.stall is None


async def test_a_consumer_without_partitions_is_alive(progress: Progress) -> None:
    await progress.watch(a_consumer({}))

    assert progress.stall is None


async def test_what_was_committed_or_handled_here_is_not_lag(progress: Progress, metrics: ChassisMetrics) -> None:
    progress.advance([raw_record(b"", partition=0, offset=7), raw_record(b"", partition=1, offset=1)])

    await progress.watch(a_consumer({0: 10, 1: 10, 2: 10}, {0: 5, 1: 6, 2: 9}))

    assert metrics.registry.get_sample_value("consumer_lag_records", {"topic": "words"}) == 2 + 4 + 1


async def test_a_partition_that_was_never_committed_is_counted_from_its_beginning(
    progress: Progress, metrics: ChassisMetrics
) -> None:
    await progress.watch(a_consumer({0: 10}, begins={0: 4}))

    assert metrics.registry.get_sample_value("consumer_lag_records", {"topic": "words"}) == 6


async def test_a_batch_that_was_handled_starts_the_waiting_anew(metrics: ChassisMetrics) -> None:
    progress = Progress(topic="words", stall_s=0.05, metrics=metrics)
    await progress.watch(a_consumer({0: 5}))
    await asyncio.sleep(0.06)
    assert progress.stall is not None

    progress.advance([raw_record(b"", offset=0)])

    assert progress.stall is None


@pytest.mark.parametrize("failure", [KafkaConnectionError("away"), TimeoutError()])
async def test_a_kafka_that_does_not_answer_is_a_trouble_and_no_reason_to_restart(
    progress: Progress, failure: Exception
) -> None:
    consumer = a_consumer({0: 5})
    await progress.watch(consumer)
    assert progress.stall is not None
    consumer.failure = failure

    await progress.watch(consumer)

    assert progress.stall is None
    assert progress.trouble is not None
    assert progress.trouble.startswith("the end of words cannot be read from Kafka")


async def test_a_kafka_that_answers_again_ends_the_trouble_and_starts_the_waiting_anew(metrics: ChassisMetrics) -> None:
    progress = Progress(topic="words", stall_s=0.2, metrics=metrics)
    consumer = a_consumer({0: 5})
    consumer.failure = KafkaConnectionError("away")
    await progress.watch(consumer)
    await asyncio.sleep(0.25)
    consumer.failure = None

    await progress.watch(consumer)

    assert (progress.trouble, progress.stall) == (None, None)


async def test_a_database_that_is_away_is_no_reason_to_restart(progress: Progress) -> None:
    await progress.watch(a_consumer({0: 5}))

    progress.blocked("the database is away")

    assert progress.stall is None


def test_a_blocked_consumer_says_why_until_it_moves_again(progress: Progress) -> None:
    progress.blocked("the database is away")
    assert progress.trouble == "reading words is blocked: the database is away"

    progress.advance([raw_record(b"")])

    assert progress.trouble is None
