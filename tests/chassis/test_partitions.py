"""Does the relay put a key where every other Kafka client puts it?"""

from __future__ import annotations

from uuid import uuid4

from aiokafka.partitioner import DefaultPartitioner

from lamplight_chassis.kafka import partition_of

PARTITIONS = tuple(range(6))


def test_a_key_goes_where_the_client_by_itself_would_put_it() -> None:
    keys = [str(uuid4()).encode() for _ in range(200)]

    ours = [partition_of(key, PARTITIONS, PARTITIONS) for key in keys]
    theirs = [DefaultPartitioner()(key, list(PARTITIONS), list(PARTITIONS)) for key in keys]
    assert ours == theirs
    assert set(ours) == set(PARTITIONS)


def test_a_key_stays_where_it_is_while_partitions_have_no_leader() -> None:
    key = str(uuid4()).encode()

    assert partition_of(key, PARTITIONS, ()) == partition_of(key, PARTITIONS, PARTITIONS)
