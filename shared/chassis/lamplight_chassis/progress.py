"""Does a consumer still move while there is something to read?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from lamplight_chassis.metrics import ChassisMetrics

LOOK_EVERY_S = 5.0
LOOK_TIMEOUT_S = 4.0


class Progress:
    """Compares what one topic holds with what was handled of it; a ping is blind to a dead consumer, this is not."""

    def __init__(self, *, topic: str, stall_s: float, metrics: ChassisMetrics) -> None:
        self.topic = topic
        self._stall_s = stall_s
        self._metrics = metrics
        self._handled: dict[tuple[str, int], int] = {}
        self._moved_at_s = time.monotonic()
        self._lag = 0
        self._blocked: str | None = None
        self._unseen: str | None = None

    def advance(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        """Note records whose effect is committed."""
        for record in records:
            self._handled[record.topic, record.partition] = record.offset + 1
        self._moved_at_s = time.monotonic()
        self._blocked = None

    def blocked(self, reason: str) -> None:
        """Note why the present batch cannot be handled."""
        self._blocked = reason

    @property
    def trouble(self) -> str | None:
        """Why this consumer is not ready, or None."""
        return f"reading {self.topic} is blocked: {self._blocked}" if self._blocked else self._unseen or self.stall

    @property
    def stall(self) -> str | None:
        """Why this consumer counts as dead, or None.

        There is something to read, nothing was handled for long, and neither Kafka nor the database is to blame: a
        restart would not bring them back.
        """
        if self._blocked or self._unseen:
            return None
        still_s = time.monotonic() - self._moved_at_s
        if self._lag > 0 and still_s > self._stall_s:
            return f"{self._lag} records of {self.topic} wait, none was handled for {still_s:.0f} s"
        return None

    async def watch(self, consumer: AIOKafkaConsumer) -> None:
        """Look at the end of every partition of the topic now."""
        try:
            lag = await self._look(consumer)
        except (KafkaError, TimeoutError) as error:
            self._unseen = f"the end of {self.topic} cannot be read from Kafka: {type(error).__name__}"
            return
        if lag == 0 or self._unseen:
            self._moved_at_s = time.monotonic()
        self._unseen = None
        self._lag = lag
        self._metrics.consumer_lag.labels(self.topic).set(lag)

    async def _look(self, consumer: AIOKafkaConsumer) -> int:
        """How many records of the assigned partitions wait; asks Kafka also when none is assigned."""
        assigned: set[TopicPartition] = consumer.assignment()
        wanted = assigned or {TopicPartition(self.topic, 0)}
        ends = await asyncio.wait_for(consumer.end_offsets(wanted), LOOK_TIMEOUT_S)
        return sum([ends[partition] - await self._position(consumer, partition) for partition in assigned])

    async def _position(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> int:
        handled = self._handled.get((partition.topic, partition.partition), 0)
        committed = await asyncio.wait_for(consumer.committed(partition), LOOK_TIMEOUT_S)
        if committed is not None or handled:
            return max(handled, committed or 0)
        beginnings = await asyncio.wait_for(consumer.beginning_offsets([partition]), LOOK_TIMEOUT_S)
        return int(beginnings[partition])
