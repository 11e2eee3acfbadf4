"""Does the demo wait for a service that is away, and say so in a sentence when it stays away?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from deploy.demo.calls import Call, Caller
from deploy.demo.city_api import CityApi
from deploy.local.failure import CannotRun
from tests.local.builders import a_free_port


class FakeService:
    """Answers each request with the next of some answers, and keeps what it was asked."""

    def __init__(self, *answers: tuple[int, object]) -> None:
        self._answers = list(answers)
        self.asked: list[web.BaseRequest] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request)
        status, content = self._answers.pop(0)
        return web.json_response(content, status=status)


@asynccontextmanager
async def caller_of(service: FakeService) -> AsyncIterator[Caller]:
    runner = web.ServerRunner(web.Server(service))
    await runner.setup()
    port = a_free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with aiohttp.ClientSession() as session:
        yield Caller(session, dict.fromkeys(("intake", "dispatch", "notify"), f"http://127.0.0.1:{port}"))
    await runner.cleanup()


@pytest.mark.parametrize("not_yet", [(404, {}), (409, {}), (503, {"detail": "the database is away"})])
async def test_a_call_is_repeated_under_its_name_until_the_answer_is_good(not_yet: tuple[int, object]) -> None:
    service = FakeService(not_yet, (202, {"case_id": "a"}))
    async with caller_of(service) as caller:
        answer = await caller.insist(Call("POST", "intake", "/v1/reports", {}, name="demo-1"))

    assert answer == {"case_id": "a"}
    assert [asked.headers["Idempotency-Key"] for asked in service.asked] == ["demo-1", "demo-1"]


async def test_a_refusal_is_one_sentence_at_once() -> None:
    service = FakeService((422, {"detail": "category: 'x' is not in the catalogue"}))
    async with caller_of(service) as caller:
        with pytest.raises(CannotRun, match=r"^intake answered 422 to POST /v1/reports: category: 'x' is not in"):
            await caller.insist(Call("POST", "intake", "/v1/reports", {}))


async def test_a_service_that_stays_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.calls.PATIENCE_S", 0.0)
    async with aiohttp.ClientSession() as session:
        caller = Caller(session, {"notify": f"http://127.0.0.1:{a_free_port()}"})
        with pytest.raises(CannotRun, match=r"^notify did not answer to GET /v1/alerts"):
            await caller.insist(Call("GET", "notify", "/v1/alerts"))


async def test_a_service_that_is_away_is_not_ready_and_has_no_figures() -> None:
    async with aiohttp.ClientSession() as session:
        api = CityApi(Caller(session, {"notify": f"http://127.0.0.1:{a_free_port()}"}))

        assert not await api.is_ready("notify")
        assert (await api.figures("notify")).samples == {}


async def test_all_pages_of_cases_are_read() -> None:
    pages: Sequence[tuple[int, object]] = [
        (200, {"cases": [{"case_id": "b"}], "next_cursor": "b"}),
        (200, {"cases": [{"case_id": "a"}], "next_cursor": None}),
    ]
    service = FakeService(*pages)
    async with caller_of(service) as caller:
        cases = await CityApi(caller).cases_since("2026-03-01T00:00:00+00:00")

    assert [case["case_id"] for case in cases] == ["b", "a"]
    assert [asked.query.get("cursor") for asked in service.asked] == [None, "b"]
    assert {asked.query["reported_from"] for asked in service.asked} == {"2026-03-01T00:00:00+00:00"}
