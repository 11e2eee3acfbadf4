"""Which events run on which topic, and what does each field mean?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any

from lamplight_events.event import Event
from lamplight_events.topics import DAY_S, TOPICS, Topic

Schema = Mapping[str, Any]

HEAD = """# Events

Generated from the topic table and the event classes of `lamplight_events` by `python -m deploy.docs write`.
Schemas: `shared/events/schemas/`; examples: `shared/events/examples/`; the same as AsyncAPI: `asyncapi.yaml`.

A field without a mark is always there; "optional" means that it may be left out or null. All times carry their offset.
"""
TOPIC_HEAD = "| topic | key | partitions | kept | producers | consumers | events |\n|---|---|---|---|---|---|---|"
FIELD_HEAD = "| field | type | | meaning |\n|---|---|---|---|"

_LIMITS = {
    "minimum": "≥ {}", "maximum": "≤ {}", "minLength": "length ≥ {}", "maxLength": "length ≤ {}",
    "pattern": "`{}`",
}  # fmt: skip


def event_table(schemas: Mapping[str, Schema]) -> str:
    """All topics as one table, then each event with its fields, as Markdown."""
    topics = [TOPIC_HEAD, *(_topic_row(topic) for topic in TOPICS)]
    events = [line for topic in TOPICS for event in topic.events for line in _event_lines(event, topic, schemas)]
    return "\n".join([HEAD, "## Topics", "", *topics, "", *events])


def _topic_row(topic: Topic) -> str:
    return _row(
        f"`{topic.name}`",
        topic.key,
        str(topic.partitions),
        f"{topic.retention_s // DAY_S} days",
        ", ".join(topic.producers),
        ", ".join(topic.consumers) or "none",
        ", ".join(event.__name__ for event in topic.events) or "any record that was parked, with `dl_` headers",
    )


def _event_lines(event: type[Event], topic: Topic, schemas: Mapping[str, Schema]) -> Iterator[str]:
    schema = schemas[event.event_type]
    yield f"## {event.__name__}"
    yield ""
    yield f"`{event.event_type}` on `{topic.name}`. {' '.join((getdoc(event) or '').split())}"
    yield ""
    yield FIELD_HEAD
    for name, field in schema["properties"].items():
        necessity = "" if name in schema.get("required", ()) else "optional"
        yield _row(f"`{name}`", _kind(field, schema.get("$defs", {})), necessity, field.get("description", ""))
    yield ""


def _kind(field: Schema, definitions: Mapping[str, Schema]) -> str:
    """A field's type with its limits, in words."""
    if "$ref" in field:
        return _kind(definitions[field["$ref"].rsplit("/", 1)[-1]], definitions)
    if "anyOf" in field:
        return " or ".join(_kind(option, definitions) for option in field["anyOf"] if option.get("type") != "null")
    if "enum" in field:
        return ", ".join(f"`{word}`" for word in field["enum"])
    if field["type"] == "array":
        return f"list of {_kind(field['items'], definitions)}"
    limits = [words.format(field[keyword]) for keyword, words in _LIMITS.items() if keyword in field]
    return ", ".join([field.get("format", field["type"]), *limits])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
