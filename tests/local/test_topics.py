"""Are topics created so that an acknowledged event survives, and is every topic that is not so told apart?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.local.stack import Stack
from deploy.topics import create_topics, differences, settings_of
from lamplight_events.topics import DEAD_LETTERS, REPORTS, Topic
from tests.kafka import a_topic_name
from tests.kafka import create_topics as make_topics


def a_topic(**changes: int) -> Topic:
    return replace(REPORTS, name=a_topic_name("made"), **changes)  # type: ignore[arg-type]  # only numbers are changed


@pytest.mark.parametrize(("replication", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "4")])
def test_an_event_is_told_when_all_but_one_of_its_copies_are_written(replication: int, in_sync: str) -> None:
    assert settings_of(REPORTS, replication=replication)["min.insync.replicas"] == in_sync


def test_a_dead_letter_may_be_larger_than_its_record() -> None:
    record, letter = (int(settings_of(topic, replication=1)["max.message.bytes"]) for topic in (REPORTS, DEAD_LETTERS))

    assert letter == 2 * record


def test_a_broker_unpacks_what_a_stranger_packed() -> None:
    assert settings_of(REPORTS, replication=1)["compression.type"] == "uncompressed"


@pytest.mark.live
async def test_a_topic_that_keeps_records_as_strangers_packed_them_is_told(stack: Stack) -> None:
    topic = a_topic(partitions=1)
    await make_topics(stack.bootstrap_servers, topic.name, partitions=1)

    said = await differences(stack.bootstrap_servers, topics=[topic])

    assert f"{topic.name}: compression.type is producer, not uncompressed" in said


@pytest.mark.live
async def test_a_missing_topic_is_created_as_the_table_wants_it_and_one_that_is_there_is_left(stack: Stack) -> None:
    topics = [a_topic(), a_topic(partitions=2)]

    created = await create_topics(stack.bootstrap_servers, topics=topics)
    again = await create_topics(stack.bootstrap_servers, topics=topics)

    assert (sorted(created), again) == (sorted(topic.name for topic in topics), [])
    assert await differences(stack.bootstrap_servers, topics=topics) == []


@pytest.mark.live
async def test_whatever_differs_from_the_table_is_said(stack: Stack) -> None:
    topic = a_topic(partitions=2)
    await create_topics(stack.bootstrap_servers, topics=[topic])

    said = await differences(
        stack.bootstrap_servers, replication=3, topics=[replace(topic, partitions=6, retention_s=60)]
    )

    assert said == [
        f"{topic.name}: partitions is 2, not 6",
        f"{topic.name}: replication is 1, not 3",
        f"{topic.name}: retention.ms is 604800000, not 60000",
        f"{topic.name}: min.insync.replicas is 1, not 2",
    ]
