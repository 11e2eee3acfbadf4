"""Does intake take every good report once, and say what is wrong with every other?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from lamplight_chassis.clock import new_id
from tests.asgi import Api
from tests.builders import CATEGORY, NOW, POINT, ZONE, a_report_body
from tests.services import an_app, fetch

LONGITUDE, LATITUDE = POINT
TEXTS = [
    "点亮 💡 👩‍🚒",
    "مرحبا شلום \u202e",
    "𠀀𠮷 𝔘",
    "' OR 1=1 --",
    "<script>\\u0000",
    "\u200b\ufeff",
    "a" * 4000,
    "",
]


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    return new_database("intake")


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with an_app("intake", url) as api:
        yield api


async def stored(url: str) -> list[dict[str, Any]]:
    return await fetch(url, "SELECT * FROM reports ORDER BY id")


async def test_a_report_is_taken_with_the_event_that_tells_of_it(url: str, api: Api) -> None:
    answer = await api.post("/v1/reports", a_report_body(), {"X-Correlation-ID": "first-request"})

    assert answer.status == 202
    content = answer.json()
    assert (content["zone"], content["status"]) == (ZONE, "received")
    assert content["links"] == {"self": f"/v1/reports/{content['report_id']}"}
    [report] = await stored(url)
    assert (report["id"], report["case_id"]) == (UUID(content["report_id"]), UUID(content["case_id"]))
    [event] = await fetch(url, "SELECT topic, key, value, headers FROM outbox")
    assert (event["topic"], event["key"].decode()) == ("grid.reports", content["case_id"])
    assert json.loads(event["value"])["report_id"] == content["report_id"]
    assert '"ce_correlationid","first-request"' in event["headers"]


@pytest.mark.parametrize("text", TEXTS)
async def test_any_text_is_kept_as_it_was_written(url: str, api: Api, text: str) -> None:
    answer = await api.post("/v1/reports", a_report_body(description=text))

    assert answer.status == 202, answer.body
    [report] = await stored(url)
    assert report["description"] == text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "pigeon"}, "source"),
        ({"source": None}, "source"),
        ({"category": 7}, "category"),
        ({"category": "x" * 65}, "category"),
        ({"location": None}, "location"),
        ({"location": {"longitude": LONGITUDE}}, "location.latitude"),
        ({"location": {"longitude": 181.0, "latitude": LATITUDE}}, "location.longitude"),
        ({"location": {"longitude": LONGITUDE, "latitude": -90.1}}, "location.latitude"),
        ({"location": {"longitude": "120.6", "latitude": LATITUDE}}, "location.longitude"),
        ({"location": {"longitude": True, "latitude": LATITUDE}}, "location.longitude"),
        ({"location": {"longitude": LONGITUDE, "latitude": LATITUDE, "coord_sys": "mars"}}, "location.coord_sys"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "x" * 4001}, "description"),
        ({"description": 7}, "description"),
        ({"description": None}, "description"),
        ({"observed_at": "2026-05-20T04:00:00"}, "observed_at"),
        ({"observed_at": "noon"}, "observed_at"),
        ({"observed_at": 1779249600}, "observed_at"),
        ({"outcome": "fined"}, "outcome"),
        ({"reporter_ref": ""}, "reporter_ref"),
        ({"reporter_ref": "x" * 65}, "reporter_ref"),
        ({"reporter_ref": "a\x00b"}, "reporter_ref"),
        ({"client_uuid": "seven"}, "client_uuid"),
        ({"phone": "13912345678"}, "phone"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
async def test_a_field_that_breaks_its_rule_is_refused_by_its_name(
    url: str, api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = await api.post("/v1/reports", a_report_body(**changes))

    assert (answer.status, answer.problem) == (422, "invalid")
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert await stored(url) == []


@pytest.mark.parametrize("name", ["source", "category", "location"])
async def test_a_field_that_is_needed_is_asked_for(api: Api, name: str) -> None:
    body = {key: value for key, value in a_report_body().items() if key != name}

    answer = await api.post("/v1/reports", body)

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [name]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"category=mobile_vendor",
        b"\xff\xfe\x00",
        b'{"source": NaN}',
        b'{"description": "\\ud800"}',
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_a_body_that_is_no_report_is_refused(url: str, api: Api, body: bytes) -> None:
    answer = await api.post("/v1/reports", body)

    assert (answer.status, answer.problem) == (422, "invalid")
    assert await stored(url) == []


async def test_not_a_number_is_no_coordinate(api: Api) -> None:
    body = json.dumps(a_report_body(location={"longitude": float("nan"), "latitude": float("inf")})).encode()

    answer = await api.post("/v1/reports", body)

    assert (answer.status, answer.problem) == (422, "invalid")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"category": "no_such_thing"}, "unknown_category"),
        ({"location": {"longitude": 0.0, "latitude": 0.0}}, "outside_city"),
        ({"observed_at": "2020-01-01T00:00:00Z"}, "impossible_time"),
        ({"observed_at": "9999-12-31T23:59:59Z"}, "impossible_time"),
        ({"observed_at": "0001-01-01T00:00:00Z"}, "impossible_time"),
        ({"observed_at": "9999-12-31T23:59:59-12:00"}, "invalid"),
        ({"observed_at": "0001-01-01T00:00:00+12:00"}, "invalid"),
        ({"outcome": "persuaded"}, "outcome_without_patrol"),
    ],
)
async def test_what_cannot_be_true_is_refused(url: str, api: Api, changes: dict[str, Any], kind: str) -> None:
    answer = await api.post("/v1/reports", a_report_body(**changes))

    assert (answer.status, answer.problem) == (422, kind)
    assert await stored(url) == []


async def test_a_body_that_is_too_large_is_refused(url: str, api: Api) -> None:
    answer = await api.post("/v1/reports", a_report_body(description="x" * 1_100_000))

    assert (answer.status, answer.problem) == (413, "body_too_large")
    assert await stored(url) == []


@pytest.mark.parametrize(
    ("changes", "headers"),
    [({}, {"Idempotency-Key": "first"}), ({"client_uuid": str(uuid4())}, {})],
    ids=["header", "client_uuid"],
)
async def test_a_report_that_is_sent_again_is_taken_once_and_answered_alike(
    url: str, api: Api, changes: dict[str, Any], headers: dict[str, str]
) -> None:
    body = a_report_body(**changes)

    first, *again = [await api.post("/v1/reports", body, headers) for _ in range(3)]

    assert [answer.status for answer in (first, *again)] == [202, 202, 202]
    assert {answer.body for answer in again} == {first.body}
    assert ["idempotent-replayed" in answer.headers for answer in (first, *again)] == [False, True, True]
    assert len(await stored(url)) == 1
    assert len(await fetch(url, "SELECT id FROM outbox")) == 1


@pytest.mark.parametrize("by_header", [True, False], ids=["header", "client_uuid"])
async def test_the_key_of_one_report_does_not_serve_another(url: str, api: Api, by_header: bool) -> None:
    client = {} if by_header else {"client_uuid": str(uuid4())}
    headers = {"Idempotency-Key": "first"} if by_header else {}
    await api.post("/v1/reports", a_report_body(**client), headers)

    answer = await api.post("/v1/reports", a_report_body(**client, description="another"), headers)

    assert (answer.status, answer.problem) == (409, "idempotency_conflict")
    assert len(await stored(url)) == 1


async def test_a_refused_report_may_be_mended_and_sent_with_its_key(url: str, api: Api) -> None:
    key = {"Idempotency-Key": "first"}
    refused = await api.post("/v1/reports", a_report_body(category="no_such_thing"), key)

    answer = await api.post("/v1/reports", a_report_body(), key)

    assert (refused.status, answer.status) == (422, 202)


async def test_a_key_that_is_none_is_refused(api: Api) -> None:
    answer = await api.post("/v1/reports", a_report_body(), {"Idempotency-Key": "x" * 129})

    assert (answer.status, answer.problem) == (422, "bad_idempotency_key")


async def test_one_report_sent_twenty_times_at_once_to_two_instances_is_taken_once(url: str) -> None:
    async with AsyncExitStack() as opened:
        apis = [await opened.enter_async_context(an_app("intake", url, instance_id=name)) for name in ("1", "2")]
        key = {"Idempotency-Key": "first"}
        calls = [apis[number % 2].post("/v1/reports", a_report_body(), key) for number in range(20)]

        answers = await asyncio.gather(*calls)

    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
    assert len(await stored(url)) == 1


async def test_a_bad_report_harms_none_that_arrives_with_it(url: str, api: Api) -> None:
    bodies = [a_report_body() if number % 3 else a_report_body(category="nothing") for number in range(30)]

    answers = await asyncio.gather(*(api.post("/v1/reports", body) for body in bodies))

    assert [answer.status for answer in answers] == [202 if number % 3 else 422 for number in range(30)]
    assert len(await stored(url)) == 20


async def test_a_reporter_sees_what_was_taken(api: Api) -> None:
    answer = await api.post("/v1/reports", a_report_body(observed_at="2026-05-20T11:30:00+08:00"))

    shown = (await api.get(answer.json()["links"]["self"])).json()

    assert (shown["status"], shown["category"], shown["zone"]) == ("received", CATEGORY, ZONE)
    assert (shown["observed_at"], shown["received_at"]) == ("2026-05-20T03:30:00+00:00", NOW.isoformat())
    assert (shown["status_changed_at"], shown["unit_id"]) == (NOW.isoformat(), None)
    assert "description" not in shown


async def test_a_report_that_is_not_there_is_not_found(api: Api) -> None:
    answer = await api.get(f"/v1/reports/{new_id()}")

    assert (answer.status, answer.problem) == (404, "not_found")


async def test_a_report_id_that_is_none_is_refused(api: Api) -> None:
    answer = await api.get("/v1/reports/seven")

    assert (answer.status, answer.problem) == (422, "invalid")
