"""What time is it, and what is the next id?

A service reads the clock and invents ids here and nowhere else, so that a test can pass its own. Two things stand
apart: durations, which are measured, and PostgreSQL's `now()` in the plumbing's own queue tables.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

Clock = Callable[[], datetime]
NewId = Callable[[], UUID]


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A time-ordered UUID (version 7, RFC 9562)."""
    return uuid7()
