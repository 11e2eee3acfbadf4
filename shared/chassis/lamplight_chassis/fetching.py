"""How does a consumer get past a record that its own Kafka client cannot read?

The client raises before anybody sees the record, says neither partition nor offset, and loses what it had in hand of
other partitions. So reading goes back to what was committed, then goes on partition by partition and record by record;
the one at fault is told to the caller, and passed over.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

# Long enough for a fetch that is already on its way to a broker without news, and for the next one.
FETCH_TIMEOUT_MS = 2_000
PAUSE_S = 5.0
# Where the client takes a fetched block apart: what fails there, fails at a record.
UNPACKING = "_unpack_records"

log = structlog.get_logger()

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"
Fetch = Callable[[AIOKafkaConsumer], Awaitable[Sequence[Record]]]
OnUnreadable = Callable[[int, int, Exception], Awaitable[None]]


class Fetching:
    """Fetches the next batch of one topic for the loop of a consumer, whatever is in it.

    Arguments:
        fetch: the usual way to fetch, as long as nothing fails.
        on_unreadable: keeps word of a record by partition, offset and error; it is not passed over before this returns.
        most: how many records a batch may hold.
    """

    def __init__(self, fetch: Fetch, *, topic: str, on_unreadable: OnUnreadable, most: int) -> None:
        self._fetch = fetch
        self._topic = topic
        self._on_unreadable = on_unreadable
        self._most = most
        self._has_failed = False

    async def __call__(self, consumer: AIOKafkaConsumer) -> Sequence[Record]:
        """Records of any partitions, none when there are none for now.

        Raises:
            KafkaError: a broker is away or refuses; the caller waits and comes again.
            ConsumerStoppedError: the end.
        """
        try:
            records = await (self._fetch_singly(consumer) if self._has_failed else self._fetch(consumer))
        except ConsumerStoppedError:
            raise
        except Exception as error:
            is_new, self._has_failed = not self._has_failed, True
            if isinstance(error, KafkaError) and not is_unreadable(error):
                raise
            log.warning("consumer.fetch_failed", topic=self._topic, error=repr(error))
            if not (is_new and is_unreadable(error)):  # such as a database that takes no dead letter: only time helps
                await asyncio.sleep(PAUSE_S)
            return ()
        self._has_failed = False
        return records

    async def _fetch_singly(self, consumer: AIOKafkaConsumer) -> Sequence[Record]:
        partitions = sorted(consumer.assignment())
        if not partitions:
            return ()
        for partition in partitions:
            await _rewind(consumer, partition)
        ends = await consumer.end_offsets(partitions)
        share = max(1, self._most // len(partitions))
        found: list[Record] = []
        for partition in partitions:
            if await consumer.position(partition) < ends[partition]:
                found += await self._readable(consumer, partition, share)
        return tuple(found)

    async def _readable(self, consumer: AIOKafkaConsumer, partition: TopicPartition, most: int) -> Sequence[Record]:
        """The next records of a partition up to one that cannot be read; one at its beginning is passed over."""
        found: list[Record] = []
        for _ in range(most):
            try:
                fetched = await consumer.getmany(partition, timeout_ms=FETCH_TIMEOUT_MS, max_records=1)
            except Exception as error:
                if not is_unreadable(error):
                    raise
                if found:
                    break
                await self._pass_over(consumer, partition, error)
            else:
                found += fetched.get(partition, ())
                if not fetched:
                    break
        return found

    async def _pass_over(self, consumer: AIOKafkaConsumer, partition: TopicPartition, error: Exception) -> None:
        offset = await consumer.position(partition)
        await self._on_unreadable(partition.partition, offset, error)
        consumer.seek(partition, offset + 1)
        await consumer.commit({partition: offset + 1})


def is_unreadable(error: Exception) -> bool:
    """Whether a fetch failed at what a record holds; anything else is no reason to pass over one."""
    return any(frame.name == UNPACKING for frame in traceback.extract_tb(error.__traceback__))


async def _rewind(consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
    """Go back to what was committed: some that the client counts as handed out never arrived here."""
    committed = await consumer.committed(partition)
    if committed is None:
        await consumer.seek_to_beginning(partition)
    else:
        consumer.seek(partition, committed)
