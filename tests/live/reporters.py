"""Who keeps reporting while things break, and was everything kept that they were promised?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from deploy.city import City, Instance
from tests.builders import a_report_body
from tests.polling import until
from tests.services import fetch

RATE_PER_S = 20
PATIENCE_S = 90.0
CALL_TIMEOUT_S = 15.0
PAUSE_S = 0.2
ARRIVES_WITHIN_S = 90.0
READY_WITHIN_S = 60.0
OF_CASES = "case_id = ANY($1)"
_WITHIN = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)


@dataclass(frozen=True, slots=True)
class Promise:
    """What intake answered to an accepted report."""

    report_id: UUID
    case_id: UUID


class Reporters:
    """Report at a steady rate; each of them asks again, with the same key, until its report is accepted."""

    def __init__(self, city: City, intakes: Sequence[int]) -> None:
        self._urls = [city.url("intake", number) for number in intakes]
        self._waiting: set[asyncio.Task[None]] = set()
        self._client = aiohttp.ClientSession(timeout=_WITHIN)
        self.promises: list[Promise] = []
        self.answers: Counter[int] = Counter()

    async def report(self, count: int) -> None:
        """Report so many times, evenly, whatever becomes of those before; returns when the last one was begun."""
        for _ in range(count):
            task = asyncio.create_task(self._insist())
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
            await asyncio.sleep(1 / RATE_PER_S)

    async def finish(self) -> None:
        """Wait for every answer."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*self._waiting)
        await self._client.close()

    async def _insist(self) -> None:
        key = str(uuid4())
        attempt = 0
        while True:
            url = self._urls[attempt % len(self._urls)]
            attempt += 1
            try:
                async with self._client.post(
                    f"{url}/v1/reports", json=a_report_body(), headers={"Idempotency-Key": key}
                ) as answer:
                    self.answers[answer.status] += 1
                    if answer.status == 202:
                        content = await answer.json()
                        self.promises.append(Promise(UUID(content["report_id"]), UUID(content["case_id"])))
                        return
                    assert answer.status == 503, await answer.text()
            except (aiohttp.ClientError, TimeoutError):
                self.answers[0] += 1
            await asyncio.sleep(PAUSE_S)


@asynccontextmanager
async def reporters(city: City, *, intakes: Sequence[int] = (1,)) -> AsyncIterator[Reporters]:
    """Reporters who have their answers when the context is left."""
    found = Reporters(city, intakes)
    yield found
    await found.finish()


async def rows(city: City, service: str, query: str, *values: object) -> list[dict[str, Any]]:
    """The rows of one statement in a service's database."""
    return await fetch(city.stack.database_url(service), query, *values)


async def everything_arrived(city: City, promises: Sequence[Promise]) -> None:
    """Wait until every promise is an alert and a status, then check that each was kept exactly once."""
    case_ids = [promise.case_id for promise in promises]

    async def is_there() -> bool:
        alerted = await rows(city, "notify", f"SELECT DISTINCT case_id FROM alerts WHERE {OF_CASES}", case_ids)
        shown = await rows(city, "intake", f"SELECT case_id FROM case_status WHERE {OF_CASES}", case_ids)
        return len(alerted) == len(shown) == len(case_ids)

    await until(is_there, f"{len(case_ids)} reports to be alerts", within_s=ARRIVES_WITHIN_S)
    await until(lambda: _has_nothing_to_tell(city), "empty outboxes", within_s=ARRIVES_WITHIN_S)
    await _each_took_effect_once(city, promises)


async def _each_took_effect_once(city: City, promises: Sequence[Promise]) -> None:
    case_ids = [promise.case_id for promise in promises]
    expected = {promise.case_id: [promise.report_id] for promise in promises}
    assert len(expected) == len(promises)
    cases = await rows(city, "dispatch", "SELECT id, report_ids, sequence FROM cases WHERE id = ANY($1)", case_ids)
    assert {case["id"]: case["report_ids"] for case in cases} == expected
    history = await rows(city, "dispatch", f"SELECT sequence FROM case_history WHERE {OF_CASES}", case_ids)
    assert Counter(entry["sequence"] for entry in history) == dict.fromkeys((1, 2, 3), len(case_ids))
    alerts = await rows(city, "notify", f"SELECT case_id FROM alerts WHERE {OF_CASES}", case_ids)
    assert len(alerts) == len(case_ids), "an alert was made twice"
    states = await rows(city, "intake", f"SELECT DISTINCT state, sequence FROM case_status WHERE {OF_CASES}", case_ids)
    assert states == [{"state": "dispatched", "sequence": 3}]


async def nothing_was_taken_that_was_not_promised(city: City, promises: Sequence[Promise], before: int) -> None:
    """A report whose caller was told "not now" left nothing behind."""
    [stored] = await rows(city, "intake", "SELECT count(*) AS reports FROM reports")
    assert stored["reports"] - before == len(promises)


async def counted(city: City, service: str, table: str) -> int:
    [row] = await rows(city, service, f"SELECT count(*) AS rows FROM {table}")
    return int(row["rows"])


async def ask(city: City, instance: Instance, path: str) -> tuple[int, Mapping[str, Any]]:
    """Status and JSON of one question to an instance; status 0 when it does not answer."""
    url = city.url(instance.service, instance.number)
    try:
        async with aiohttp.ClientSession(timeout=_WITHIN) as client, client.get(f"{url}{path}") as answer:
            return answer.status, await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError):
        return 0, {}


async def all_ready(city: City) -> None:
    """Wait until every instance that runs can do all of its work."""
    running = [instance for instance in city.instances if city.pid(instance) is not None]

    async def are_ready() -> bool:
        return all([(await ask(city, instance, "/ready"))[0] == 200 for instance in running])

    await until(are_ready, f"{', '.join(map(str, running))} to be ready", within_s=READY_WITHIN_S)


async def _has_nothing_to_tell(city: City) -> bool:
    return not any([await counted(city, service, "outbox") for service in ("intake", "dispatch", "notify")])
