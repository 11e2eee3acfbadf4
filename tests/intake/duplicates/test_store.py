"""Does the prototype of the search find what is near, the nearest first, on a real PostgreSQL?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import asyncpg

from intake.duplicates.cells import cell_of, cells_around
from intake.duplicates.clues import Candidate
from intake.duplicates.likeness import M_PER_DEG
from intake.duplicates.store import CLUES_NEAR, CREATE, FORGET_CASE, FORGET_OLD, MOVE_REPORT
from tests.intake.duplicates.builders import NOON, a_candidate, a_clue

INSERT = "INSERT INTO duplicate_clues VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', NULL, '{}')"


async def keep(connection: asyncpg.Connection, *candidates: Candidate) -> None:
    for statement in CREATE:
        await connection.execute(statement)
    for each in candidates:
        clue = each.clue
        place = (clue.longitude_deg, clue.latitude_deg)
        await connection.execute(INSERT, clue.id, each.case_id, cell_of(*place), clue.at, *place, clue.category)


async def found(connection: asyncpg.Connection) -> list[int]:
    new = a_clue()
    place = (new.longitude_deg, new.latitude_deg)
    cells = cells_around(*place, distance_m=160)
    times = (NOON - timedelta(days=10), NOON)
    limits = (160 / M_PER_DEG, 200, new.category, 60 / M_PER_DEG, 60)
    rows = await connection.fetch(CLUES_NEAR, cells, *times, *place, *limits)
    return [row["report_id"].int for row in rows]


async def test_the_nearest_open_reports_are_found_in_their_order(new_database: Callable[[str], str]) -> None:
    connection = await asyncpg.connect(new_database("empty"))
    try:
        far, near, other = a_candidate(101, north_m=150), a_candidate(102, north_m=9), a_candidate(103, north_m=400)
        unlike = a_candidate(104, north_m=100, category="Pothole")
        await keep(connection, far, near, other, unlike, a_candidate(105, minutes=-60 * 24 * 11))
        assert await found(connection) == [102, 101]

        await connection.execute(MOVE_REPORT, far.clue.id, UUID(int=7))
        await connection.execute(FORGET_CASE, UUID(int=7))
        assert await found(connection) == [102]

        await connection.execute(FORGET_OLD, NOON + timedelta(minutes=1))
        assert await found(connection) == []
    finally:
        await connection.close()
