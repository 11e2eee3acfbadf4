"""How do the topics of the topic table come to exist? `python -m deploy.topics` creates what is missing.

What exists is left as it is: where it is not as it should be, the command says what differs, for a person to change.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from lamplight_events.topics import DEAD_LETTERS, TOPICS, Topic

MAX_MESSAGE_BYTES = 1024 * 1024
# A dead letter is its record and the reason: it must fit where the record fitted.
MAX_LETTER_BYTES = 2 * 1024 * 1024
KNOWN_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.1


async def create_topics(bootstrap_servers: str, *, replication: int = 1, topics: Sequence[Topic] = TOPICS) -> list[str]:
    """Create the topics that are missing; answers their names. Existing ones are left as they are."""
    async with _admin(bootstrap_servers) as admin:
        response = await admin.create_topics([_new_topic(topic, replication) for topic in topics])
    created = []
    for name, code, *_ in response.topic_errors:
        error = for_code(code)
        if code == 0:
            created.append(name)
        elif error is not TopicAlreadyExistsError:
            raise error(f"topic {name}")
    return created


async def differences(bootstrap_servers: str, *, replication: int = 1, topics: Sequence[Topic] = TOPICS) -> list[str]:
    """One sentence for each thing about the topics of a cluster that is not as the table wants it."""
    names = [topic.name for topic in topics]
    async with _admin(bootstrap_servers) as admin:
        described = await _describe(admin, names)
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    configured = {name: _values(entries) for answer in answers for _, _, _, name, entries in answer.resources}
    return [
        f"{topic.name}: {setting} is {found}, not {wanted}"
        for topic in topics
        for setting, wanted in _wanted(topic, replication).items()
        for found in [{**configured[topic.name], **_layout(described[topic.name])}.get(setting)]
        if found != wanted
    ]


def settings_of(topic: Topic, *, replication: int) -> Mapping[str, str]:
    """How a topic is configured; an event counts as told when all but one of its copies are written."""
    largest = MAX_LETTER_BYTES if topic is DEAD_LETTERS else MAX_MESSAGE_BYTES
    return {
        "retention.ms": str(topic.retention_s * 1000),
        "max.message.bytes": str(largest),
        # However strangers pack their records, the broker unpacks them: a reader in any language can read them, and one
        # that is too large once it is unpacked does not come in.
        "compression.type": "uncompressed",
        # From three copies on, one broker may be away, and another be lost without anything that was acknowledged.
        "min.insync.replicas": str(max(1, replication - 1)),
    }


def _new_topic(topic: Topic, replication: int) -> NewTopic:
    settings = settings_of(topic, replication=replication)
    return NewTopic(topic.name, topic.partitions, replication, topic_configs=dict(settings))


def _wanted(topic: Topic, replication: int) -> Mapping[str, str]:
    layout = {"partitions": str(topic.partitions), "replication": str(replication)}
    return {**layout, **settings_of(topic, replication=replication)}


async def _describe(admin: AIOKafkaAdminClient, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """How topics lie on the brokers; one that was created just now takes a moment to be known by all of them.

    Raises:
        TimeoutError: a topic stays unknown.
    """
    async with asyncio.timeout(KNOWN_WITHIN_S):
        while True:
            described = {found["topic"]: found for found in await admin.describe_topics(list(names))}
            if not any(found["error_code"] for found in described.values()):
                return described
            await asyncio.sleep(LOOK_AGAIN_S)


def _layout(described: Mapping[str, Any]) -> Mapping[str, str]:
    partitions = described["partitions"]
    fewest = min((len(partition["replicas"]) for partition in partitions), default=0)
    return {"partitions": str(len(partitions)), "replication": str(fewest)}


def _values(entries: Sequence[Sequence[Any]]) -> Mapping[str, str]:
    return {name: value for name, value, *_ in entries}


@asynccontextmanager
async def _admin(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


def main() -> None:
    """Create the topics of the cluster that KAFKA_BOOTSTRAP_SERVERS names, each with KAFKA_REPLICATION copies."""
    bootstrap_servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
    replication = int(os.environ.get("KAFKA_REPLICATION", "1"))
    for name in asyncio.run(create_topics(bootstrap_servers, replication=replication)):
        sys.stdout.write(f"created {name}\n")
    for difference in asyncio.run(differences(bootstrap_servers, replication=replication)):
        sys.stdout.write(f"differs {difference}\n")


if __name__ == "__main__":
    main()
