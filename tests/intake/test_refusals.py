"""Is every report that breaks a rule refused, with its field and the rule by name, before anything is stored?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from intake.app import create_app
from intake.settings import Settings
from tests.asgi import Answer, Api
from tests.builders import NOW, POINT, a_report_body
from tests.services import NOWHERE, OPEN

LONGITUDE, LATITUDE = POINT
SUBMIT = "/v1/reports"


@pytest.fixture(scope="module")
def api() -> Api:
    """An app that never started and has no database: whatever it would store would never be answered."""
    settings = Settings(database_url=f"postgresql://{NOWHERE}/intake", kafka_bootstrap_servers=NOWHERE, rights=OPEN)
    return Api(create_app(settings, now=lambda: NOW))


def place(**changes: Any) -> dict[str, Any]:
    return {"location": {"longitude": LONGITUDE, "latitude": LATITUDE, **changes}}


def refused_fields(answer: Answer) -> list[str]:
    assert (answer.status, answer.problem) == (422, "invalid"), answer.body
    return [error["field"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"category": "no_such_category"}, "unknown_category", "category"),
        ({"category": "a\x00b"}, "unknown_category", "category"),
        ({"outcome": "persuaded"}, "outcome_without_patrol", "outcome"),
        ({"source": "sensor", "outcome": "gone"}, "outcome_without_patrol", "outcome"),
        (place(longitude=LATITUDE, latitude=LONGITUDE - 60), "outside_city", "location"),
        (place(longitude=0, latitude=0), "outside_city", "location"),
        (place(longitude=-117.16, latitude=32.72), "outside_city", "location"),
        ({"observed_at": (NOW + timedelta(minutes=5, microseconds=1)).isoformat()}, "impossible_time", "observed_at"),
        ({"observed_at": (NOW - timedelta(days=365, microseconds=1)).isoformat()}, "impossible_time", "observed_at"),
        ({"observed_at": "0001-01-01T00:00:00Z"}, "impossible_time", "observed_at"),
        ({"observed_at": "9999-12-31T23:59:59Z"}, "impossible_time", "observed_at"),
    ],
)
async def test_what_a_form_alone_cannot_know_is_refused_with_its_reason(
    api: Api, changes: dict[str, Any], kind: str, field: str
) -> None:
    answer = await api.post(SUBMIT, a_report_body(**changes))

    assert (answer.status, answer.problem) == (422, kind)
    assert answer.json()["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "pigeon"}, "source"),
        ({"source": None}, "source"),
        ({"category": 7}, "category"),
        ({"category": None}, "category"),
        ({"category": "x" * 65}, "category"),
        ({"location": None}, "location"),
        ({"location": [LONGITUDE, LATITUDE]}, "location"),
        (place(longitude=180.001), "location.longitude"),
        (place(longitude=-180.001), "location.longitude"),
        (place(latitude=90.001), "location.latitude"),
        (place(latitude=-90.001), "location.latitude"),
        (place(longitude=str(LONGITUDE)), "location.longitude"),
        (place(latitude=True), "location.latitude"),
        (place(latitude=None), "location.latitude"),
        (place(coord_sys="gcj02"), "location.coord_sys"),
        (place(altitude=3), "location.altitude"),
        ({"description": "x" * 4001}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"description": None}, "description"),
        ({"description": ["a stall"]}, "description"),
        ({"observed_at": "2026-05-20T04:00:00"}, "observed_at"),
        ({"observed_at": "yesterday"}, "observed_at"),
        ({"observed_at": "0001-01-01T00:00:00+12:00"}, "observed_at"),
        ({"observed_at": "9999-12-31T23:59:59-12:00"}, "observed_at"),
        ({"observed_at": True}, "observed_at"),
        ({"source": "patrol", "outcome": "arrested"}, "outcome"),
        ({"reporter_ref": ""}, "reporter_ref"),
        ({"reporter_ref": "x" * 65}, "reporter_ref"),
        ({"reporter_ref": "a\x00b"}, "reporter_ref"),
        ({"client_uuid": "seven"}, "client_uuid"),
        ({"client_uuid": 7}, "client_uuid"),
        ({"phone": "13812345678"}, "phone"),
    ],
)
async def test_a_field_that_breaks_its_rule_is_refused_by_its_path(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = await api.post(SUBMIT, a_report_body(**changes))

    assert refused_fields(answer) == [field]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
@pytest.mark.parametrize("name", ["longitude", "latitude"])
async def test_a_coordinate_that_is_no_number_is_refused(api: Api, name: str, number: str) -> None:
    body = json.dumps(a_report_body(**place(**{name: 123456789}))).replace("123456789", number)

    answer = await api.post(SUBMIT, body.encode())

    assert refused_fields(answer) == [f"location.{name}"]


@pytest.mark.parametrize("missing", ["source", "category", "location"])
async def test_a_report_that_lacks_a_field_is_refused_by_its_name(api: Api, missing: str) -> None:
    body = a_report_body()
    del body[missing]

    answer = await api.post(SUBMIT, body)

    assert refused_fields(answer) == [missing]


async def test_every_broken_rule_is_named_at_once(api: Api) -> None:
    answer = await api.post(SUBMIT, a_report_body(source="pigeon", description=5, **place(latitude="north")))

    assert refused_fields(answer) == ["source", "location.latitude", "description"]


async def test_a_refusal_says_the_limit_and_repeats_nothing_of_the_text(api: Api) -> None:
    answer = await api.post(SUBMIT, a_report_body(description="Mr Wang, 13812345678 " + "x" * 4000))

    assert "4000" in answer.json()["errors"][0]["message"]
    assert b"Wang" not in answer.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"not JSON",
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b"{",
        b'{"source": }',
        json.dumps(a_report_body()).encode() + b"}",
        json.dumps(a_report_body()).encode("utf-16"),
        json.dumps(a_report_body(description="点亮"), ensure_ascii=False).encode("gb18030"),
        json.dumps(a_report_body(description="\ud83d")).encode(),
        b"[" * 10_000,
    ],
    ids=lambda body: f"{len(body)} bytes {body[:12]!r}",
)
async def test_a_body_that_is_no_json_object_is_refused_as_a_whole(api: Api, body: bytes) -> None:
    answer = await api.post(SUBMIT, body)

    assert refused_fields(answer) == ["body"]


async def test_a_body_past_the_limit_is_refused_when_it_is_declared_and_when_it_is_not(api: Api) -> None:
    chunk = b" " * 65_536

    declared = await api.post(SUBMIT, chunk * 17)
    streamed = await api.call("POST", SUBMIT, body=[chunk] * 17)

    for answer in (declared, streamed):
        assert (answer.status, answer.problem) == (413, "body_too_large")
        assert "1048576" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", "x" * 129, "a\tb", "schlüssel"])
async def test_a_key_that_breaks_its_rule_is_refused_by_its_header(api: Api, key: str) -> None:
    answer = await api.post(SUBMIT, a_report_body(), {"Idempotency-Key": key})

    assert (answer.status, answer.problem) == (422, "bad_idempotency_key")
    assert "Idempotency-Key" in answer.json()["detail"]
