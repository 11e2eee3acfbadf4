"""Are cases found, page by page, and is their history never changed?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import pytest

from dispatch.cases import Step
from lamplight_chassis.clock import new_id
from lamplight_chassis.cursors import write_cursor
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState, Outcome, Source
from tests.asgi import Api
from tests.builders import CATEGORY, NOW, UNIT, ZONE, a_report_received
from tests.dispatch.builders import steps_to, store_case
from tests.services import a_database, an_app, fetch

OTHER_ZONE = "320507007"


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    return new_database("dispatch")


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with a_database(url) as database:
        yield database


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with an_app("dispatch", url) as api:
        yield api


def a_life(state: CaseState = CaseState.DISPATCHED, **changes: Any) -> list[Step]:
    return list(steps_to(state, a_report_received(**changes)))


async def found(api: Api, **query: object) -> list[UUID]:
    answer = await api.get(f"/v1/cases?{urlencode(query)}")
    assert answer.status == 200, answer.body
    return [UUID(case["case_id"]) for case in answer.json()["cases"]]


async def test_a_case_is_shown_as_it_was_reported(database: Database, api: Api) -> None:
    report = a_report_received(summary="点亮 💡", source=Source.PATROL, outcome=Outcome.GONE)
    case_id = await store_case(database, steps_to(CaseState.DISPATCHED, report))

    shown = (await api.get(f"/v1/cases/{case_id}")).json()

    assert shown["summary"] == "点亮 💡"
    assert (shown["state"], shown["sequence"], shown["source"]) == ("dispatched", 3, "patrol")
    assert (shown["category"], shown["zone"], shown["unit_id"]) == (CATEGORY, ZONE, UNIT)
    assert (shown["longitude_deg"], shown["latitude_deg"]) == (report.longitude_deg, report.latitude_deg)
    assert shown["report_ids"] == [str(report.report_id)]
    assert shown["reported_at"] == NOW.isoformat()


@pytest.mark.parametrize("path", ["/v1/cases/{id}", "/v1/cases/{id}/history"])
async def test_a_case_that_is_not_there_is_not_found(api: Api, path: str) -> None:
    answer = await api.get(path.format(id=new_id()))

    assert (answer.status, answer.problem) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "fits", "fits_not"),
    [
        ({"state": "handling"}, a_life(CaseState.HANDLING), a_life()),
        ({"category": "dirty_road"}, a_life(category="dirty_road"), a_life()),
        ({"zone": OTHER_ZONE}, a_life(zone=OTHER_ZONE), a_life()),
        ({"unit_id": "squadron_chengyang"}, a_life(zone=OTHER_ZONE), a_life()),
        ({"source": "sensor"}, a_life(source=Source.SENSOR), a_life()),
        ({"reported_from": NOW.isoformat()}, a_life(), a_life(received_at=NOW - timedelta(microseconds=1))),
        ({"reported_before": NOW.isoformat()}, a_life(received_at=NOW - timedelta(microseconds=1)), a_life()),
        ({"zone": ZONE, "state": "closed"}, a_life(CaseState.CLOSED), a_life(CaseState.CLOSED, zone=OTHER_ZONE)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_a_filter_finds_what_fits_and_nothing_else(
    database: Database, api: Api, query: dict[str, str], fits: list[Step], fits_not: list[Step]
) -> None:
    wanted = await store_case(database, fits)
    await store_case(database, fits_not)

    assert await found(api, **query) == [wanted]


async def test_pages_over_equal_times_show_every_case_once_newest_first(database: Database, api: Api) -> None:
    stored = [await store_case(database, a_life()) for _ in range(7)]

    pages, cursor = [], ""
    while cursor is not None:
        query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = (await api.get(f"/v1/cases?{urlencode(query)}")).json()
        pages.append([UUID(case["case_id"]) for case in page["cases"]])
        cursor = page["next_cursor"]

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [case_id for page in pages for case_id in page] == sorted(stored, reverse=True)


async def test_cases_are_ordered_by_when_they_were_reported_whatever_their_ids(database: Database, api: Api) -> None:
    ages = [timedelta(hours=hours) for hours in (1, 3, 2, 5, 4)]
    stored = {age: await store_case(database, a_life(received_at=NOW - age)) for age in ages}

    first = (await api.get("/v1/cases?limit=2")).json()
    second = await found(api, limit=3, cursor=first["next_cursor"])

    shown = [*(UUID(case["case_id"]) for case in first["cases"]), *second]
    assert shown == [stored[age] for age in sorted(ages)]


async def test_a_last_page_that_is_full_has_no_next(database: Database, api: Api) -> None:
    for _ in range(2):
        await store_case(database, a_life())

    page = (await api.get("/v1/cases?limit=2")).json()

    assert (len(page["cases"]), page["next_cursor"]) == (2, None)


async def test_a_case_that_comes_between_two_pages_moves_no_other(database: Database, api: Api) -> None:
    stored = [await store_case(database, a_life()) for _ in range(4)]
    first = (await api.get("/v1/cases?limit=2")).json()
    await store_case(database, a_life())

    second = await found(api, limit=2, cursor=first["next_cursor"])

    assert second == [stored[1], stored[0]]


@pytest.mark.parametrize(
    ("query", "kind", "field"),
    [
        ("state=lost", "invalid", "state"),
        ("source=pigeon", "invalid", "source"),
        ("zone=12", "invalid", "zone"),
        ("category=" + "x" * 65, "invalid", "category"),
        ("category=%00", "invalid", "category"),
        ("unit_id=%00", "invalid", "unit_id"),
        ("zone=%EF%BC%93%EF%BC%92%EF%BC%90%EF%BC%95%EF%BC%90%EF%BC%97%EF%BC%90%EF%BC%90%EF%BC%97", "invalid", "zone"),
        ("limit=0", "invalid", "limit"),
        ("limit=201", "invalid", "limit"),
        ("limit=many", "invalid", "limit"),
        ("reported_from=2026-05-20T04:00:00", "invalid", "reported_from"),
        ("reported_before=soon", "invalid", "reported_before"),
        ("cursor=nonsense", "bad_cursor", "cursor"),
        ("cursor=" + write_cursor(b"\x7f" + bytes(23)), "bad_cursor", "cursor"),
        ("cursor=%C3%A9", "bad_cursor", "cursor"),
        ("page=2", "invalid", "page"),
    ],
)
async def test_a_query_that_breaks_a_rule_is_refused_by_its_field(api: Api, query: str, kind: str, field: str) -> None:
    answer = await api.get(f"/v1/cases?{query}")

    assert (answer.status, answer.problem) == (422, kind)
    assert field in answer.json()["detail"]


@pytest.mark.parametrize("name", ["reported_from", "reported_before"])
@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
async def test_a_time_at_the_edge_of_the_calendar_is_a_query_like_any_other(api: Api, name: str, time: str) -> None:
    answer = await api.get(f"/v1/cases?{urlencode({name: time})}")

    assert answer.status in (200, 422), answer.body


async def test_the_history_tells_what_was_done_by_whom_and_when(database: Database, api: Api) -> None:
    case_id = await store_case(database, a_life(CaseState.CHECKING))

    entries = (await api.get(f"/v1/cases/{case_id}/history")).json()["entries"]

    assert [entry["operation"] for entry in entries] == ["report", "file", "dispatch", "accept", "resolve"]
    assert [entry["state_before"] for entry in entries][:2] == [None, "reported"]
    assert entries[-1]["state_after"] == "checking"
    assert entries[-1]["details"] == {"opinion": "done"}
    assert entries[-1]["actor"] == "squadron"
    assert len({entry["event_id"] for entry in entries}) == 5


@pytest.mark.parametrize(
    "statement", ["UPDATE case_history SET actor = 'nobody'", "DELETE FROM case_history", "TRUNCATE case_history"]
)
async def test_the_database_itself_refuses_to_change_the_history(url: str, database: Database, statement: str) -> None:
    await store_case(database, a_life())

    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await fetch(url, statement)


async def test_an_order_that_would_count_a_move_twice_is_refused_by_the_database(database: Database) -> None:
    steps = a_life()
    await store_case(database, steps)

    with pytest.raises(Exception, match="case_history_pkey"):
        await store_case(database, steps)
