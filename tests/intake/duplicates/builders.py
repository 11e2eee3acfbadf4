"""Valid clues and candidates, of which a test changes one thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from intake.duplicates.clues import Candidate, Clue
from intake.duplicates.likeness import M_PER_DEG

NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
LONGITUDE_DEG, LATITUDE_DEG = 120.631, 31.445


def a_clue(number: int = 1, *, north_m: float = 0.0, minutes: float = 0.0, **changes: Any) -> Clue:
    """An encampment on the spot at noon, moved north and later."""
    fields: dict[str, Any] = {
        "id": UUID(int=number),
        "at": NOON + timedelta(minutes=minutes),
        "longitude_deg": LONGITUDE_DEG,
        "latitude_deg": LATITUDE_DEG + north_m / M_PER_DEG,
        "category": "Encampment",
        "group": "Neighborhood Policing",
    }
    return Clue(**{**fields, **changes})


def a_candidate(number: int = 100, *, case: int | None = None, **changes: Any) -> Candidate:
    """An earlier report, the first of its case unless told otherwise."""
    return Candidate(a_clue(number, **changes), UUID(int=1000 + number if case is None else case))
