"""On whose behalf does the code run that runs now, so that its log lines and its events can say so?

A context variable belongs to the task that sets it: a request or record leaves no trace in its neighbours, and a log
line that nobody writes costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

correlation_id: ContextVar[str] = ContextVar("correlation_id")
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)

CORRELATION_HEADER = "ce_correlationid"  # CloudEvents, Kafka protocol binding
TRACE_HEADER = b"traceparent"
MAX_ID_BYTES = 64

# W3C Trace Context, level 1: version, trace id, parent id, flags. Ids of zeros are none, version ff is forbidden,
# version 00 ends after its flags, and of a later version only what 00 knows is passed on.
_TRACEPARENT = re.compile(
    rb"(?!ff|00.{54})[0-9a-f]{2}(-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(?:-.*)?"
)


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The `traceparent` of a request's headers, None when there is none, several, or one that is not well-formed."""
    given = [value for name, value in headers if name == TRACE_HEADER]
    found = _TRACEPARENT.fullmatch(given[0]) if len(given) == 1 else None
    return f"00{found[1].decode()}" if found else None


def correlation_of(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """The correlation id in a record's headers, whatever else may be wrong with them."""
    value = dict(headers).get(CORRELATION_HEADER) or b""
    return value[:MAX_ID_BYTES].decode("utf-8", "replace") or None


@contextmanager
def on_behalf_of(name: str | None) -> Iterator[None]:
    """Let log lines carry this correlation id until the end of the block; None changes nothing."""
    if name is None:
        yield
        return
    token = correlation_id.set(name)
    try:
        yield
    finally:
        correlation_id.reset(token)


def add_correlation(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of the log: the correlation id of the request or record at hand, unless the line names another."""
    if (name := correlation_id.get(None)) is not None:
        event.setdefault("correlation_id", name)
    return event
