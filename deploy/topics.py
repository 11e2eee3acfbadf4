"""How do the topics of the topic table come to exist? `python -m deploy.topics` creates what is missing."""

from __future__ import annotations

import asyncio
import os
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from lamplight_events.topics import DEAD_LETTERS, TOPICS, Topic

MAX_MESSAGE_BYTES = 1024 * 1024
# A dead letter is its record and the reason: it must fit where the record fitted.
MAX_LETTER_BYTES = 2 * 1024 * 1024


async def create_topics(bootstrap_servers: str, *, replication: int = 1) -> list[str]:
    """Create the topics that are missing; answers their names. Existing ones are left as they are."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        response = await admin.create_topics([_new_topic(topic, replication) for topic in TOPICS])
    finally:
        await admin.close()
    created = []
    for name, code, *_ in response.topic_errors:
        error = for_code(code)
        if code == 0:
            created.append(name)
        elif error is not TopicAlreadyExistsError:
            raise error(f"topic {name}")
    return created


def _new_topic(topic: Topic, replication: int) -> NewTopic:
    largest = MAX_LETTER_BYTES if topic is DEAD_LETTERS else MAX_MESSAGE_BYTES
    settings = {"retention.ms": str(topic.retention_s * 1000), "max.message.bytes": str(largest)}
    return NewTopic(topic.name, topic.partitions, replication, topic_configs=settings)


def main() -> None:
    """Create the topics of the cluster that KAFKA_BOOTSTRAP_SERVERS names."""
    bootstrap_servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
    replication = int(os.environ.get("KAFKA_REPLICATION", "1"))
    for name in asyncio.run(create_topics(bootstrap_servers, replication=replication)):
        sys.stdout.write(f"created {name}\n")


if __name__ == "__main__":
    main()
