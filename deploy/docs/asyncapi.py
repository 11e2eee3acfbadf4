"""Which messages does each service send and receive, in the words of AsyncAPI 3?

What a service receives is read from its broker as FastStream describes it, what it may send from the topic table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from inspect import getdoc
from typing import Any, Literal

from pydantic.json_schema import models_json_schema

from deploy.docs.services import BOOTSTRAP_SERVERS, RunningService
from lamplight_events.envelope import MAX_HEADER_BYTES
from lamplight_events.event import Event
from lamplight_events.topics import DEAD_LETTERS, EVENT_TYPES, TOPICS, Topic

Document = Mapping[str, Any]
Examples = Mapping[str, Sequence[Mapping[str, Any]]]

VERSION = "1"
DEAD_LETTER = "DeadLetter"
KAFKA = {"bindingVersion": "0.5.0"}
HEADER = {"type": "string", "minLength": 1, "maxLength": MAX_HEADER_BYTES}
UUID_HEADER = {"type": "string", "format": "uuid"}

HEADERS = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {**UUID_HEADER, "description": "Unique for ever, version 7: a redelivery is known by it."},
    "ce_type": HEADER,
    "ce_source": {**HEADER, "description": "`/lamplight/` and the service's name."},
    "ce_subject": {**HEADER, "description": "The same as the Kafka key."},
    "ce_time": {"type": "string", "format": "date-time", "description": "When it became true."},
    "content-type": {"type": "string", "const": "application/json"},
    "ce_correlationid": {**HEADER, "description": "One id from the first request to the last alert."},
    "ce_causationid": {**UUID_HEADER, "description": "The event that caused this one."},
    "traceparent": {**HEADER, "description": "W3C Trace Context."},
}
OPTIONAL_HEADERS = frozenset({"ce_causationid", "traceparent"})
DEAD_LETTER_HEADERS = {
    "dl_topic": "The topic it was meant for.",
    "dl_partition": "Its partition there; empty when it never left the outbox.",
    "dl_offset": "Its offset there; empty when it never left the outbox.",
    "dl_group": "The service that parked it.",
    "dl_reason": "A stable word for the rule that was broken.",
    "dl_error": "A sentence, or the traceback of a bug.",
    "dl_cut": "What of it was too large for a letter and is not whole: `value`, `headers` or both; else not there.",
    "dl_outbox_id": "The row of the outbox that could not be sent; only where it never left the outbox.",
}
OPTIONAL_DEAD_LETTER_HEADERS = frozenset({"dl_cut", "dl_outbox_id"})


def asyncapi_document(services: Sequence[RunningService], examples: Examples) -> Document:
    """The whole document, ready to be written as YAML."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Lamplight", "version": VERSION, "description": "Reports, cases and alerts of a city."},
        "defaultContentType": "application/json",
        "servers": {"local": {"host": BOOTSTRAP_SERVERS, "protocol": "kafka"}},
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(operation for service in services for operation in _operations(service)),
        "components": {"messages": _messages(examples), "schemas": _schemas()},
    }


def _channel(topic: Topic) -> Document:
    kept = {"cleanup.policy": ["delete"], "retention.ms": topic.retention_s * 1000}
    names = [event.event_type for event in topic.events] or [DEAD_LETTER]
    return {
        "address": topic.name,
        "description": f"Keyed by {topic.key}; written by {', '.join(topic.producers)}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": kept, **KAFKA}},
    }


def _operations(service: RunningService) -> Iterator[tuple[str, Document]]:
    for name in service.topics_read():
        group = {"type": "string", "const": service.name}
        yield (
            f"{service.name}.receives.{name}",
            {
                **_operation("receive", name),
                "bindings": {"kafka": {"groupId": group, **KAFKA}},
            },
        )
    for topic in TOPICS:
        if service.name in topic.producers:
            yield f"{service.name}.sends.{topic.name}", _operation("send", topic.name)


def _operation(action: str, topic: str) -> Document:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}


def _messages(examples: Examples) -> Document:
    messages = {name: _message(name, event, examples[name]) for name, event in sorted(EVENT_TYPES.items())}
    return {**messages, DEAD_LETTER: _dead_letter()}


def _message(name: str, event: type[Event], examples: Sequence[Mapping[str, Any]]) -> Document:
    return {
        "name": name,
        "title": event.__name__,
        "summary": " ".join((getdoc(event) or "").split()),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {"kafka": {"key": UUID_HEADER, **KAFKA}},
        "examples": [{"headers": example["headers"], "payload": example["value"]} for example in examples],
    }


def _dead_letter() -> Document:
    headers = {name: {"type": "string", "description": meaning} for name, meaning in DEAD_LETTER_HEADERS.items()}
    required = [name for name in headers if name not in OPTIONAL_DEAD_LETTER_HEADERS]
    return {
        "name": DEAD_LETTER,
        "title": DEAD_LETTER,
        "summary": f"Any record that was parked, as it was, with why. {DEAD_LETTERS.name} is read by people.",
        "headers": {"type": "object", "properties": headers, "required": required},
    }


def _schemas() -> Document:
    mode: Literal["validation"] = "validation"
    events = [(event, mode) for _, event in sorted(EVENT_TYPES.items())]
    _, document = models_json_schema(events, ref_template="#/components/schemas/{model}")
    required = [name for name in HEADERS if name not in OPTIONAL_HEADERS]
    headers = {"type": "object", "properties": HEADERS, "required": required}
    return {"Headers": headers, **document["$defs"]}
