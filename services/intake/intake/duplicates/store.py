"""How are the reports found that a new one may be a duplicate of, among a million?

Plain statements for asyncpg, a prototype that no route uses yet. The table holds one narrow row per report of an open
case and nothing else: it is written with the report, follows it when a person moves it, and is emptied of a case when
that closes and of rows older than the longest gap. How many reports are stored does not matter, only how many are open
nearby.
"""

from __future__ import annotations

from typing import Final

CREATE: Final = (
    """
    CREATE TABLE duplicate_clues (
        report_id uuid PRIMARY KEY,
        case_id uuid NOT NULL,
        cell bigint NOT NULL,
        at timestamptz NOT NULL,
        longitude_deg double precision NOT NULL,
        latitude_deg double precision NOT NULL,
        category text NOT NULL,
        text text NOT NULL,
        address text NOT NULL,
        reporter_ref text,
        photo_hashes bigint[] NOT NULL
    )
    """,
    "CREATE INDEX ix_duplicate_clues_cell ON duplicate_clues (cell, at DESC)",
    "CREATE INDEX ix_duplicate_clues_case ON duplicate_clues (case_id)",
    "CREATE INDEX ix_duplicate_clues_at ON duplicate_clues USING brin (at)",
)

CLUES_NEAR: Final = """
    SELECT near.*
    FROM unnest($1::bigint[]) AS wanted (cell)
    CROSS JOIN LATERAL (
        SELECT * FROM duplicate_clues
        WHERE duplicate_clues.cell = wanted.cell AND at BETWEEN $2 AND $3
        ORDER BY at DESC
        LIMIT $7
    ) AS near
    WHERE abs(near.latitude_deg - $5) <= $6
      AND (near.category = $8 OR abs(near.latitude_deg - $5) <= $9)
    ORDER BY ((near.longitude_deg - $4) * cos(radians($5))) ^ 2 + (near.latitude_deg - $5) ^ 2, near.report_id
    LIMIT $10
"""
"""Candidates, the nearest first.

Arguments: cells (`cells_around`), earliest and latest time, longitude, latitude, the limit of distance in degrees of
latitude, how many recent rows are read per cell (200: a square with a thousand open reports costs no more), the
category, the limit of distance for other categories in degrees of latitude, how many candidates
(`limits.candidates`).
"""

FORGET_CASE: Final = "DELETE FROM duplicate_clues WHERE case_id = $1"
"""The case is closed: nothing joins it any more."""

MOVE_REPORT: Final = "UPDATE duplicate_clues SET case_id = $2 WHERE report_id = $1"
"""A person moved the report to another case, or back."""

FORGET_OLD: Final = "DELETE FROM duplicate_clues WHERE at < $1"
"""Older than `limits.gap_h`: too old to be compared."""
