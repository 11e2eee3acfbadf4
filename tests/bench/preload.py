"""What is in the databases before anything is measured? Many cases, nearly all closed, as after a month of work.

Written by SQL alone: a hundred thousand cases with history, reports and alerts take seconds, not an hour of calls.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from dispatch.routing import RoutingTable
from lamplight_events.catalogue import load_categories
from tests.bench.report_bodies import SEED, SOURCES, places

KINDS = 2_000
KIND_COLUMNS = ("kind", "category", "zone", "source", "longitude_deg", "latitude_deg", "unit_id")

# The same number gives the same draw and the same ids in every database, so that rows of three databases fit together.
_FUNCTIONS = """
CREATE FUNCTION pg_temp.draw(label text, n bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(label || n), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
CREATE FUNCTION pg_temp.id_of(label text, n bigint, at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(label || n), 1, 3)
           || '8' || substr(md5(label || n), 4, 15))::uuid $$;
CREATE TEMP TABLE kinds (kind int PRIMARY KEY, category text, zone text, source text,
    longitude_deg double precision, latitude_deg double precision, unit_id text);
"""
_MADE = """
CREATE TEMP TABLE made AS
SELECT n, at, pg_temp.id_of('case', n, at) AS case_id, pg_temp.id_of('report', n, at) AS report_id,
    pg_temp.id_of('assignment', n, at) AS assignment_id, kinds.*,
    CASE WHEN stage < 0.970 THEN 6 WHEN stage < 0.980 THEN 5 WHEN stage < 0.990 THEN 4 ELSE 3 END AS sequence
FROM (
    SELECT n, $2::timestamptz - ($1 - n) * interval '30 days' / $1 AS at, pg_temp.draw('stage', n) AS stage,
        floor(power(pg_temp.draw('kind', n), 1.5) * $3)::int AS drawn
    FROM generate_series(1, $1::bigint) AS n
) AS numbered JOIN kinds ON kinds.kind = numbered.drawn
"""
_STEPS = """
(VALUES (1, 'report', NULL, 'reported', 0, NULL), (2, 'file', 'reported', 'pending_dispatch', 0, NULL),
    (3, 'dispatch', 'pending_dispatch', 'dispatched', 0, 'case_assigned'),
    (4, 'accept', 'dispatched', 'handling', 600, NULL),
    (5, 'resolve', 'handling', 'checking', 7200, 'work_to_check'),
    (6, 'close', 'checking', 'closed', 9000, 'case_closed')
) AS steps (step, operation, state_before, state_after, after_s, alert)
"""
_FILL: Mapping[str, Sequence[str]] = {
    "intake": (
        "INSERT INTO reports SELECT report_id, case_id, source, category, zone, longitude_deg, latitude_deg, "
        "'A report that was there before, of middling length, number ' || n, at, at, NULL, 'bench' "
        "FROM made ORDER BY n",
        "INSERT INTO case_status SELECT case_id, steps.state_after, made.sequence, unit_id, "
        f"at + after_s * interval '1 second' FROM made JOIN {_STEPS} ON step = made.sequence ORDER BY n",
    ),
    "dispatch": (
        "INSERT INTO cases SELECT case_id, steps.state_after, made.sequence, category, zone, source, longitude_deg, "
        "latitude_deg, 'A report that was there before, number ' || n, at, at + after_s * interval '1 second', "
        f"ARRAY[report_id], unit_id, assignment_id FROM made JOIN {_STEPS} ON step = made.sequence ORDER BY n",
        "INSERT INTO case_history SELECT case_id, step, operation, state_before, state_after, 'bench', "
        "at + after_s * interval '1 second', pg_temp.id_of('event' || step, n, at), "
        "jsonb_build_object('unit_id', unit_id, 'opinion', 'as found') "
        f"FROM made JOIN {_STEPS} ON step <= made.sequence ORDER BY n, step",
    ),
    "notify": (
        "INSERT INTO alerts (id, event_id, case_id, recipient, kind, category, zone, text_zh, text_en, correlation_id, "
        "created_at) SELECT pg_temp.id_of('alert' || step, n, at), pg_temp.id_of('event' || step, n, at), case_id, "
        "'unit:' || unit_id, alert, category, zone, '【已结案】您反映的问题已办结。案卷 ' || n, "
        "'What you reported is solved, case ' || n, 'bench-' || n, at + after_s * interval '1 second' "
        f"FROM made JOIN {_STEPS} ON step <= made.sequence AND alert IS NOT NULL ORDER BY n, step",
        "INSERT INTO deliveries SELECT pg_temp.id_of('delivery', position, created_at), id, "
        "'00000000-0000-7000-8000-000000000001', 'delivered', 1, created_at, created_at, NULL FROM alerts "
        "ORDER BY position",
    ),
}


async def preload(dsns: Mapping[str, str], *, cases: int, newest_at: datetime) -> None:
    """Fill the empty databases of intake, dispatch and notify with `cases` cases of the 30 days before `newest_at`."""
    kinds = _kinds()
    for service, statements in _FILL.items():
        connection = await asyncpg.connect(dsns[service])
        try:
            await _fill(connection, statements, kinds, cases=cases, newest_at=newest_at)
        finally:
            await connection.close()


async def _fill(
    connection: asyncpg.Connection[Any],
    statements: Sequence[str],
    kinds: Sequence[tuple[object, ...]],
    *,
    cases: int,
    newest_at: datetime,
) -> None:
    async with connection.transaction():
        await connection.execute(_FUNCTIONS)
        await connection.copy_records_to_table("kinds", records=kinds, columns=KIND_COLUMNS)
        await connection.execute(_MADE, cases, newest_at, len(kinds))
        for statement in statements:
            await connection.execute(statement)
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("CHECKPOINT")


def _kinds() -> Sequence[tuple[object, ...]]:
    """What cases are about: category, place, channel and the unit that the rules choose; the first are common."""
    draw = random.Random(SEED)
    routing = RoutingTable.load()
    categories = sorted(load_categories())
    kinds = []
    for number in range(KINDS):
        category, place, source = draw.choice(categories), draw.choice(places()), draw.choice(SOURCES)
        unit_id = routing.route(category=category, zone=place.zone, source=source).unit_id
        kinds.append((number, category, place.zone, str(source), place.longitude_deg, place.latitude_deg, unit_id))
    return kinds
