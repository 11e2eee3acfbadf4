"""Which cases fit what somebody looks for, newest first?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch.store import CASE_COLUMNS
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState, Source


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a search asks for; None leaves a field open.

    Arguments:
        before: when the last case of the page before was reported, and its id: the keyset.
    """

    state: CaseState | None = None
    category: str | None = None
    zone: str | None = None
    unit_id: str | None = None
    source: Source | None = None
    reported_from: datetime | None = None
    reported_before: datetime | None = None
    before: tuple[datetime, UUID] | None = None


_CONDITIONS = {
    "state": "state = {}",
    "category": "category = {}",
    "zone": "zone = {}",
    "unit_id": "unit_id = {}",
    "source": "source = {}",
    "reported_from": "reported_at >= {}",
    "reported_before": "reported_at < {}",
    "before": "(reported_at, id) < ({}, {})",
}


async def search_cases(database: Database, wanted: CaseFilter, *, limit: int) -> Sequence[Mapping[str, Any]]:
    """The newest cases that fit, at most `limit`."""
    statement, values = search_statement(wanted)
    return await database.fetch(statement, limit, *values)


def search_statement(wanted: CaseFilter) -> tuple[str, Sequence[object]]:
    """The SELECT of a search, and its values from `$2` on; `$1` is how many cases it answers at most."""
    conditions, values = ["true"], list[object]()
    for name, condition in _CONDITIONS.items():
        if (value := getattr(wanted, name)) is not None:
            given = value if isinstance(value, tuple) else (value,)
            conditions.append(condition.format(*(f"${len(values) + place}" for place in range(2, len(given) + 2))))
            values += given
    where = " AND ".join(conditions)
    return f"SELECT {CASE_COLUMNS} FROM cases WHERE {where} ORDER BY reported_at DESC, id DESC LIMIT $1", values
