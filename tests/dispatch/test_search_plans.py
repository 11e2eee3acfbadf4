"""Does a search among many cases read what it shows and little more, from any moment on and up to any moment?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from dispatch.search import CaseFilter, search_statement
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState, Source
from tests.builders import NOW
from tests.services import a_database, fetch

CASES = 100_000
STEP = timedelta(minutes=1)
PAGE = 50
# A page costs its rows and those of the same page that another condition takes out; 2,000 are 2 % of the table.
MOST_ROWS_READ = 2_000
MANY_CASES = """
    INSERT INTO cases (id, state, sequence, category, zone, source, longitude_deg, latitude_deg, summary, reported_at,
        changed_at, report_ids, unit_id)
    SELECT gen_random_uuid(), CASE WHEN n % 50 = 0 THEN 'handling' ELSE 'closed' END, 6, 'category_' || n % 60,
        to_char(320507000 + n % 90, 'FM999999999'), CASE WHEN n % 500 = 0 THEN 'sensor' ELSE 'resident_web' END,
        120.6, 31.4, '', t, t, ARRAY[gen_random_uuid()], 'unit_' || n % 40
    FROM generate_series(1, $1::integer) n, LATERAL (SELECT $2::timestamptz - n * $3::interval AS t) moment
"""
HALFWAY, LONG_AGO = NOW - STEP * (CASES // 2), NOW - STEP * (CASES - 100)
SEARCHES: Mapping[str, CaseFilter] = {
    "everything": CaseFilter(),
    "a later page": CaseFilter(before=(HALFWAY, new_id())),
    "from a moment on": CaseFilter(reported_from=HALFWAY),
    "up to a moment": CaseFilter(reported_before=HALFWAY),
    "up to long ago": CaseFilter(reported_before=LONG_AGO),
    "a short time": CaseFilter(reported_from=HALFWAY, reported_before=HALFWAY + timedelta(hours=1)),
    "a rare source": CaseFilter(source=Source.SENSOR),
    "a rare source of old": CaseFilter(source=Source.SENSOR, reported_before=HALFWAY),
    "a street of old": CaseFilter(zone="320507007", reported_before=HALFWAY),
    "a unit of old": CaseFilter(unit_id="unit_7", reported_before=HALFWAY),
    "a category of old": CaseFilter(category="category_7", reported_before=HALFWAY),
    "open cases of old": CaseFilter(state=CaseState.HANDLING, reported_before=HALFWAY),
    "closed cases of old": CaseFilter(state=CaseState.CLOSED, reported_before=HALFWAY),
    "a street and a rare source": CaseFilter(zone="320507000", source=Source.SENSOR),
}


@pytest.fixture
async def database(new_database: Callable[[str], str]) -> AsyncIterator[Database]:
    url = new_database("dispatch")
    await fetch(url, MANY_CASES, CASES, NOW, STEP)
    await fetch(url, "ANALYZE cases")
    async with a_database(url) as database:
        yield database
    await fetch(url, "TRUNCATE cases")  # whoever gets this database next finds no table full of dead rows


def nodes_of(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes_of(inner)


def rows_read(node: Mapping[str, Any]) -> int:
    removed = sum(count for name, count in node.items() if name.startswith("Rows Removed by"))
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])


async def test_no_search_walks_over_the_whole_table(database: Database) -> None:
    for name, wanted in SEARCHES.items():
        statement, values = search_statement(wanted)

        [row] = await database.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", PAGE, *values)

        [explained] = json.loads(row["QUERY PLAN"])
        nodes = list(nodes_of(explained["Plan"]))
        assert "Seq Scan" not in {node["Node Type"] for node in nodes}, name
        assert max(rows_read(node) for node in nodes) <= MOST_ROWS_READ, (name, nodes)
