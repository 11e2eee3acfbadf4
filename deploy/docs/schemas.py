"""What may stand in an event, for a reader who does not speak Python?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lamplight_events.event import Event
from lamplight_events.topics import EVENT_TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID_PREFIX = "urn:lamplight:event:"


def event_schemas() -> Mapping[str, Mapping[str, Any]]:
    """The JSON Schema of every event by its CloudEvents type, in the order of the types."""
    return {name: _schema(name, EVENT_TYPES[name]) for name in sorted(EVENT_TYPES)}


def _schema(name: str, event: type[Event]) -> Mapping[str, Any]:
    schema = event.model_json_schema()
    head = {"$schema": DIALECT, "$id": ID_PREFIX + name, "title": schema.pop("title")}
    return {**head, **schema}
