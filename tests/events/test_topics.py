"""Does the topic table say one thing about every event, and only what the services do?"""

from __future__ import annotations

import re

import pytest

import dispatch.handlers
import intake.handlers
import notify.handlers
from lamplight_events.event import Event
from lamplight_events.topics import DEAD_LETTERS, EVENT_TYPES, TOPIC_OF, TOPICS, Topic
from tests.services import SERVICES

HANDLERS = {
    "intake": intake.handlers.HANDLERS,
    "dispatch": dispatch.handlers.HANDLERS,
    "notify": notify.handlers.HANDLERS,
}
every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def subclasses(parent: type[Event]) -> set[type[Event]]:
    direct = set(parent.__subclasses__())
    return direct.union(*map(subclasses, direct))


def test_every_event_has_exactly_one_topic() -> None:
    listed = [event for topic in TOPICS for event in topic.events]

    assert len(listed) == len(set(listed)) == len(TOPIC_OF)


def test_every_event_that_is_written_down_is_in_the_table() -> None:
    concrete = {event for event in subclasses(Event) if "event_type" in vars(event)}  # type: ignore[type-abstract]

    assert concrete == set(TOPIC_OF)


def test_every_type_is_written_once_and_in_the_one_form() -> None:
    assert len(EVENT_TYPES) == len(TOPIC_OF)
    for name, event in EVENT_TYPES.items():
        assert re.fullmatch(r"grid\.[a-z]+\.[a-z-]+\.v\d+", name), name
        words = name.split(".")[1:3]
        assert "".join(word.capitalize() for word in "-".join(words).split("-")) == event.__name__


@every_topic
def test_a_topic_is_written_and_read_by_services_that_exist(topic: Topic) -> None:
    assert topic.producers
    assert set(topic.producers) | set(topic.consumers) <= set(SERVICES)
    assert topic.partitions > 1
    assert topic.retention_s >= 24 * 60 * 60
    assert re.fullmatch(r"grid\.[a-z-]+", topic.name)


@every_topic
def test_a_topic_has_a_key_that_keeps_its_order(topic: Topic) -> None:
    names = {event.__annotations__.get("key") or event.key.fget.__qualname__ for event in topic.events}  # type: ignore[attr-defined]

    assert topic.key
    assert len(names) <= 1, f"{topic.name} has events with different keys: {names}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_exactly_the_events_of_the_topics_that_it_consumes(service: str) -> None:
    told = {event for topic in TOPICS if service in topic.consumers for event in topic.events}

    assert set(HANDLERS[service]) == told


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_subscribes_to_exactly_the_topics_that_name_it(service: str) -> None:
    create_app, settings = SERVICES[service]

    app = create_app(settings(database_url="postgresql://nobody/nothing"))

    subscribed = {topic.name for each in app.state.service.broker.subscribers for topic in each.topics}
    assert subscribed == {topic.name for topic in TOPICS if service in topic.consumers}


def test_anybody_who_consumes_may_write_dead_letters() -> None:
    consumers = {name for topic in TOPICS for name in topic.consumers}
    producers = {name for topic in TOPICS for name in topic.producers}

    assert consumers | producers <= set(DEAD_LETTERS.producers)
    assert DEAD_LETTERS.retention_s == max(topic.retention_s for topic in TOPICS)
