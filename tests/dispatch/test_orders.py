"""Does each order of a person take effect once, on the case as it stands, and is every other order refused?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest

from lamplight_chassis.clock import new_id
from lamplight_events import messages
from lamplight_events.vocabulary import CaseState
from tests.asgi import Api
from tests.dispatch.builders import steps_to, store_case
from tests.services import a_database, an_app, fetch

ACCEPT = {"actor": "squadron"}
RESOLVE = {"actor": "squadron", "opinion": "cleared"}
CLOSE = {"actor": "check", "closing_condition": "cleared", "opinion": "good"}
ORDERS: dict[str, tuple[dict[str, Any], CaseState, CaseState]] = {
    "accept": (ACCEPT, CaseState.DISPATCHED, CaseState.HANDLING),
    "resolve": (RESOLVE, CaseState.HANDLING, CaseState.CHECKING),
    "close": (CLOSE, CaseState.CHECKING, CaseState.CLOSED),
}
CALLERS = 20


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    return new_database("dispatch")


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with an_app("dispatch", url) as api:
        yield api


async def stored(url: str, state: CaseState = CaseState.DISPATCHED) -> UUID:
    async with a_database(url) as database:
        return await store_case(database, steps_to(state))


@pytest.mark.parametrize("name", ORDERS)
async def test_an_order_moves_the_case_and_shows_where_it_stands(url: str, api: Api, name: str) -> None:
    form, before, after = ORDERS[name]
    case_id = await stored(url, before)

    answer = await api.post(f"/v1/cases/{case_id}/{name}", form)

    shown = (await api.get(f"/v1/cases/{case_id}")).json()
    assert (answer.status, answer.json()["state"]) == (200, after)
    assert answer.json().items() <= shown.items()


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("state", [CaseState.DISPATCHED, CaseState.HANDLING, CaseState.CHECKING, CaseState.CLOSED])
async def test_an_order_at_the_wrong_time_is_a_conflict_and_changes_nothing(
    url: str, api: Api, name: str, state: CaseState
) -> None:
    form, allowed, _ = ORDERS[name]
    if state is allowed:
        return
    case_id = await stored(url, state)
    before = await api.get(f"/v1/cases/{case_id}/history")

    answer = await api.post(f"/v1/cases/{case_id}/{name}", form)

    assert (answer.status, answer.problem) == (409, "wrong_state")
    assert name in answer.json()["detail"]
    assert state in answer.json()["detail"]
    assert (await api.get(f"/v1/cases/{case_id}/history")).json() == before.json()


async def test_an_order_whose_event_would_break_the_contract_is_refused_and_changes_nothing(
    url: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await stored(url, CaseState.CHECKING)
    before = await api.get(f"/v1/cases/{case_id}")
    monkeypatch.setattr(messages, "MAX_VALUE_BYTES", 100)

    answer = await api.post(f"/v1/cases/{case_id}/close", CLOSE)

    assert (answer.status, answer.problem) == (422, "too_large")
    assert (await api.get(f"/v1/cases/{case_id}")).json() == before.json()


@pytest.mark.parametrize("name", ORDERS)
async def test_an_order_for_a_case_that_is_not_there_is_not_found(api: Api, name: str) -> None:
    answer = await api.post(f"/v1/cases/{new_id()}/{name}", ORDERS[name][0])

    assert (answer.status, answer.problem) == (404, "not_found")


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("accept", {"actor": ""}, "actor"),
        ("accept", {"actor": "x" * 65}, "actor"),
        ("accept", {"actor": "a\x00b"}, "actor"),
        ("accept", {"actor": 7}, "actor"),
        ("accept", {"opinion": "no field of this form"}, "opinion"),
        ("resolve", {"opinion": ""}, "opinion"),
        ("resolve", {"opinion": "x" * 2001}, "opinion"),
        ("resolve", {"opinion": "a\x00b"}, "opinion"),
        ("close", {"closing_condition": ""}, "closing_condition"),
        ("close", {"closing_condition": "x" * 65}, "closing_condition"),
        ("close", {"opinion": None}, "opinion"),
    ],
)
async def test_a_form_that_breaks_a_rule_is_refused_by_its_field(
    api: Api, name: str, changes: dict[str, Any], field: str
) -> None:
    answer = await api.post(f"/v1/cases/{new_id()}/{name}", {**ORDERS[name][0], **changes})

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_case_id_that_is_none_is_refused(api: Api) -> None:
    answer = await api.post("/v1/cases/seven/accept", ACCEPT)

    assert (answer.status, answer.problem) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["case_id"]


async def test_the_same_order_with_its_key_is_carried_out_once_and_answered_alike(url: str, api: Api) -> None:
    case_id = await stored(url)

    first, second = [
        await api.post(f"/v1/cases/{case_id}/accept", ACCEPT, {"Idempotency-Key": "accept-1"}) for _ in range(2)
    ]

    assert (first.status, second.status) == (200, 200)
    assert first.body == second.body
    assert ("idempotent-replayed" in first.headers, second.headers["idempotent-replayed"]) == (False, "true")


async def test_the_key_of_an_order_does_not_serve_another(url: str, api: Api) -> None:
    case_id = await stored(url)
    key = {"Idempotency-Key": "accept-1"}
    await api.post(f"/v1/cases/{case_id}/accept", ACCEPT, key)

    other_body = await api.post(f"/v1/cases/{case_id}/accept", {"actor": "squadron_of_another_street"}, key)
    other_case = await api.post(f"/v1/cases/{await stored(url)}/accept", ACCEPT, key)

    assert (other_body.status, other_body.problem) == (409, "idempotency_conflict")
    assert (other_case.status, other_case.problem) == (409, "idempotency_conflict")


async def test_a_refused_order_may_be_tried_again_with_its_key(url: str, api: Api) -> None:
    case_id = await stored(url)
    key = {"Idempotency-Key": "resolve-1"}
    refused = await api.post(f"/v1/cases/{case_id}/resolve", RESOLVE, key)
    await api.post(f"/v1/cases/{case_id}/accept", ACCEPT)

    answer = await api.post(f"/v1/cases/{case_id}/resolve", RESOLVE, key)

    assert (refused.status, answer.status) == (409, 200)


async def test_of_twenty_callers_on_two_instances_exactly_one_accepts(url: str) -> None:
    async with AsyncExitStack() as opened:
        apis = [await opened.enter_async_context(an_app("dispatch", url, instance_id=name)) for name in ("1", "2")]
        for _ in range(5):
            case_id = await stored(url)
            calls = [apis[number % 2].post(f"/v1/cases/{case_id}/accept", ACCEPT) for number in range(CALLERS)]

            answers = await asyncio.gather(*calls)

            assert sorted(answer.status for answer in answers) == [200] + [409] * (CALLERS - 1)
            assert {answer.problem for answer in answers if answer.status == 409} == {"wrong_state"}
            told = await fetch(
                url, "SELECT event_id FROM case_history WHERE case_id = $1 AND operation = 'accept'", case_id
            )
            assert len(told) == 1


async def test_one_group_may_carry_a_case_through_its_whole_life(url: str, api: Api) -> None:
    case_id = await stored(url)

    answers = await asyncio.gather(
        *(api.post(f"/v1/cases/{case_id}/{name}", form) for name, (form, _, _) in ORDERS.items())
    )

    assert [answer.status for answer in answers] == [200, 200, 200]
    history = (await api.get(f"/v1/cases/{case_id}/history")).json()["entries"]
    assert [entry["sequence"] for entry in history] == [1, 2, 3, 4, 5, 6]
    assert [entry["operation"] for entry in history[3:]] == ["accept", "resolve", "close"]


async def test_an_order_tells_its_event_with_the_correlation_of_its_request(url: str, api: Api) -> None:
    case_id = await stored(url)

    await api.post(f"/v1/cases/{case_id}/accept", ACCEPT, {"X-Correlation-ID": "the-order-of-the-day"})

    [row] = await fetch(url, "SELECT headers FROM outbox WHERE headers LIKE '%grid.case.accepted.v1%'")
    assert '"ce_correlationid","the-order-of-the-day"' in row["headers"]
    assert "ce_causationid" not in row["headers"]
