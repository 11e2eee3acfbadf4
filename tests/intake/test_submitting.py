"""Is every good report kept as it came, once however often it is sent, and told without a word about a person?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from intake.masking import MASK
from lamplight_chassis.clock import new_id
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import Outcome, Source
from tests.asgi import Answer, Api
from tests.builders import CATEGORY, CORRELATION, NOW, POINT, ZONE, StillClock, a_report_body
from tests.outbox import told
from tests.services import an_app, fetch

SUBMIT = "/v1/reports"
KEY = {"Idempotency-Key": "report-1"}
CALLERS = 100
COUNTED = 'grid_reports_total{category="mobile_vendor",source="resident_web"} '
REPEATED = 'grid_reports_repeated_total{source="resident_web"} '
SIGHTED = 'grid_patrol_sightings_total{outcome="persuaded"} '


async def kept(url: str) -> list[dict[str, Any]]:
    return await fetch(url, "SELECT * FROM reports ORDER BY id")


async def figure(api: Api, name: str) -> float:
    lines = (await api.get("/metrics")).body.decode().splitlines()
    return float(next((line.removeprefix(name) for line in lines if line.startswith(name)), 0))


def is_replayed(answer: Answer) -> bool:
    return answer.headers.get("idempotent-replayed") == "true"


async def test_a_report_with_every_field_is_kept_and_told_as_it_came(url: str, api: Api) -> None:
    observed = NOW - timedelta(minutes=3)
    body = a_report_body(
        source="patrol", outcome="gone", observed_at="2026-05-20T11:57:00+08:00", reporter_ref="patrol_7"
    )

    accepted = (await api.post(SUBMIT, body, {"X-Correlation-ID": CORRELATION})).json()

    [row] = await kept(url)
    assert (row["id"], row["case_id"]) == (UUID(accepted["report_id"]), UUID(accepted["case_id"]))
    assert (row["source"], row["category"], row["zone"], row["outcome"]) == ("patrol", CATEGORY, ZONE, "gone")
    assert (row["longitude_deg"], row["latitude_deg"]) == POINT
    assert (row["observed_at"], row["received_at"], row["reporter_ref"]) == (observed, NOW, "patrol_7")
    [message] = await told(url)
    assert message.event == ReportReceived(
        report_id=row["id"],
        case_id=row["case_id"],
        source=Source.PATROL,
        category=CATEGORY,
        zone=ZONE,
        longitude_deg=POINT[0],
        latitude_deg=POINT[1],
        observed_at=observed,
        received_at=NOW,
        outcome=Outcome.GONE,
        reporter_ref="patrol_7",
        summary=body["description"],
    )
    assert message.envelope.cause.correlation_id == CORRELATION


@pytest.mark.parametrize("apart", [timedelta(minutes=5), timedelta(days=-365), timedelta(0)])
async def test_a_time_at_the_edge_of_what_can_be_is_kept(url: str, api: Api, apart: timedelta) -> None:
    await api.post(SUBMIT, a_report_body(observed_at=(NOW + apart).isoformat()))

    assert [row["observed_at"] for row in await kept(url)] == [NOW + apart]


async def test_the_event_of_a_report_has_no_personal_data(url: str, api: Api) -> None:
    personal = ["13812345678", "0512-65223344", "320507199003071234", "wang@example.com", "苏E12345", "12幢3单元501室"]

    await api.post(SUBMIT, a_report_body(description=f"2 stalls; {'; '.join(personal)}"))

    [row] = await fetch(url, "SELECT headers, value FROM outbox")
    assert json.loads(row["value"])["summary"] == "; ".join(["2 stalls", *[MASK] * len(personal)])
    assert not [word for word in personal if word in row["value"].decode() + row["headers"]]


async def test_without_a_key_every_report_is_a_new_one(url: str, api: Api) -> None:
    answers = [await api.post(SUBMIT, a_report_body()) for _ in range(2)]

    assert len({answer.json()["report_id"] for answer in answers}) == 2
    assert len(await kept(url)) == 2


async def test_the_id_that_a_phone_made_stands_in_for_the_key(url: str, api: Api) -> None:
    body = a_report_body(client_uuid=str(new_id()))

    first, second = [await api.post(SUBMIT, body) for _ in range(2)]
    other = await api.post(SUBMIT, {**body, "description": "another"})

    assert first.body == second.body
    assert (is_replayed(first), is_replayed(second)) == (False, True)
    assert (other.status, other.problem) == (409, "idempotency_conflict")
    assert len(await kept(url)) == 1


async def test_the_id_that_a_phone_made_counts_before_a_key_that_is_new_with_each_try(url: str, api: Api) -> None:
    body = a_report_body(client_uuid=str(new_id()))

    answers = [await api.post(SUBMIT, body, {"Idempotency-Key": key}) for key in ("try-1", "try-2")]
    without = await api.post(SUBMIT, body)

    assert [is_replayed(answer) for answer in (*answers, without)] == [False, True, True]
    assert len(await kept(url)) == 1


async def test_one_key_over_two_reports_of_a_phone_loses_neither(url: str, api: Api) -> None:
    bodies = [a_report_body(client_uuid=str(new_id())) for _ in range(2)]

    answers = [await api.post(SUBMIT, body, KEY) for body in bodies]

    assert [answer.status for answer in answers] == [202, 202]
    assert len(await kept(url)) == 2


async def test_of_a_hundred_reports_at_once_the_good_ones_are_kept_and_the_bad_ones_harm_nobody(
    url: str, api: Api
) -> None:
    await api.post(SUBMIT, a_report_body(), KEY)
    bad: Mapping[int, tuple[dict[str, Any], Mapping[str, str], int]] = {
        7: ({"category": "no_such_category"}, {}, 422),
        31: ({"description": "a\x00b"}, {}, 422),
        59: ({"description": "another"}, KEY, 409),
        83: ({"location": {"longitude": 0, "latitude": 0}}, {}, 422),
    }
    sent = [bad.get(number, ({"description": f"stall {number}"}, {}, 202)) for number in range(CALLERS)]

    answers = await asyncio.gather(*(api.post(SUBMIT, a_report_body(**changes), key) for changes, key, _ in sent))

    assert [answer.status for answer in answers] == [status for _, _, status in sent]
    texts = [row["description"] for row in await kept(url)]
    good = [f"stall {number}" for number in range(CALLERS) if number not in bad]
    assert sorted(texts) == sorted([*good, a_report_body()["description"]])
    assert len(await told(url)) == len(texts)


async def test_a_report_that_was_sent_again_is_counted_apart(api: Api) -> None:
    for _ in range(3):
        await api.post(SUBMIT, a_report_body(), KEY)
    await api.post(SUBMIT, a_report_body(category="no_such_category"))

    assert await figure(api, COUNTED) == 1
    assert await figure(api, REPEATED) == 2


async def test_what_a_patrol_reached_is_counted_once(api: Api) -> None:
    body = a_report_body(source="patrol", outcome="persuaded")

    for _ in range(2):
        await api.post(SUBMIT, body, KEY)

    assert await figure(api, SIGHTED) == 1


@pytest.mark.parametrize(
    "mended_since",
    [{"observed_at": (NOW - timedelta(days=364)).isoformat()}, {"observed_at": NOW.isoformat()}, {}],
    ids=["grew too old", "grew a little older", "without a time"],
)
@pytest.mark.parametrize("by_header", [True, False], ids=["header", "client_uuid"])
async def test_a_repeated_report_gets_its_first_answer_however_old_it_has_grown(
    url: str, mended_since: dict[str, Any], by_header: bool
) -> None:
    clock = StillClock()
    body = a_report_body(**mended_since, **({} if by_header else {"client_uuid": str(new_id())}))
    async with an_app("intake", url, now=clock) as api:
        first = await api.post(SUBMIT, body, KEY if by_header else {})
        clock.pass_s(timedelta(days=20).total_seconds())

        second = await api.post(SUBMIT, body, KEY if by_header else {})

    assert (first.status, second.status, second.body) == (202, 202, first.body)
    assert (is_replayed(first), is_replayed(second)) == (False, True)
    assert len(await kept(url)) == len(await told(url)) == 1


async def test_a_repeated_report_gets_its_first_answer_when_its_category_is_gone(
    url: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await api.post(SUBMIT, a_report_body(), KEY)
    monkeypatch.setattr("intake.reports.load_categories", dict)

    second = await api.post(SUBMIT, a_report_body(), KEY)
    other = await api.post(SUBMIT, a_report_body(), {"Idempotency-Key": "report-2"})

    assert (second.status, second.body, is_replayed(second)) == (202, first.body, True)
    assert (other.status, other.problem) == (422, "unknown_category")
    assert await figure(api, REPEATED) == 1


async def test_a_key_that_was_used_is_a_conflict_for_another_report_even_if_that_breaks_a_rule(
    url: str, api: Api
) -> None:
    await api.post(SUBMIT, a_report_body(), KEY)

    answer = await api.post(SUBMIT, a_report_body(category="no_such_category"), KEY)

    assert (answer.status, answer.problem) == (409, "idempotency_conflict")
    assert len(await kept(url)) == 1


async def test_refused_and_good_reports_that_share_a_transaction_get_their_own_answers(url: str, api: Api) -> None:
    sent = [
        (a_report_body(category="no_such_category"), "bad"),
        (a_report_body(), "good"),
        (a_report_body(category="no_such_category"), "bad"),
        (a_report_body(description="mended"), "bad"),
    ]

    answers = await asyncio.gather(*(api.post(SUBMIT, body, {"Idempotency-Key": key}) for body, key in sent))

    assert [answer.status for answer in answers] == [422, 202, 422, 202]
    assert sorted(row["description"] for row in await kept(url)) == ["a stall on the pavement", "mended"]
