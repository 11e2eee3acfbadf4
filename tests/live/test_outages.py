"""Does the city live through the loss of Kafka and of the database, say why it waits, and lose nothing?"""

from __future__ import annotations

import asyncio
from functools import partial

import aiohttp
import pytest

from deploy.city import SERVICES, City, Instance
from tests.builders import a_report_body
from tests.live.reporters import (
    all_ready,
    ask,
    counted,
    everything_arrived,
    nothing_was_taken_that_was_not_promised,
    reporters,
)
from tests.polling import until

pytestmark = pytest.mark.live

OUTAGE_S = 10.0
NOTICED_WITHIN_S = 30.0
FIRST = [Instance(service, 1) for service in SERVICES]


async def test_a_kafka_that_is_killed_under_load_and_starts_again_loses_nothing(city: City) -> None:
    await all_ready(city)
    async with reporters(city) as people:
        reporting = asyncio.create_task(people.report(100))
        await asyncio.sleep(1)
        await asyncio.to_thread(city.stack.kill_kafka)
        await asyncio.to_thread(city.stack.start_kafka)
        await reporting

    assert set(people.answers) == {202}
    await everything_arrived(city, people.promises)


async def test_without_kafka_intake_accepts_and_everybody_says_why_they_wait(city: City) -> None:
    await all_ready(city)
    await asyncio.to_thread(city.stack.kill_kafka)
    async with reporters(city) as people:
        await people.report(int(OUTAGE_S * 10))
        for instance in FIRST:
            await until(
                partial(_names, city, instance, "Kafka"),
                f"{instance} to name Kafka",
                within_s=NOTICED_WITHIN_S,
            )
            assert (await ask(city, instance, "/live"))[0] == 200
        await people.finish()
        waiting = await counted(city, "intake", "outbox")
        await asyncio.to_thread(city.stack.start_kafka)

    assert set(people.answers) == {202}
    assert waiting >= len(people.promises)
    await everything_arrived(city, people.promises)
    await all_ready(city)


async def test_without_its_database_a_service_says_so_and_does_nothing_by_half(city: City) -> None:
    await all_ready(city)
    before = await counted(city, "intake", "reports")
    async with reporters(city) as people:
        reporting = asyncio.create_task(people.report(100))
        await asyncio.sleep(1)
        await asyncio.to_thread(city.stack.kill_postgres)
        refused = await _post(city)
        for instance in FIRST:
            await until(
                partial(_names, city, instance, "database"),
                f"{instance} to name the database",
                within_s=NOTICED_WITHIN_S,
            )
            assert (await ask(city, instance, "/live"))[0] == 200
        await asyncio.to_thread(city.stack.start_postgres)
        await reporting

    status, content_type, retry_after, kind = refused
    assert (status, content_type, kind) == (503, "application/problem+json", "urn:lamplight:problem:unavailable")
    assert int(retry_after) > 0
    assert set(people.answers) <= {0, 202, 503}
    await everything_arrived(city, people.promises)
    await nothing_was_taken_that_was_not_promised(city, people.promises, before)
    await all_ready(city)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_starts_without_kafka_and_works_when_it_comes(city: City, service: str) -> None:
    await all_ready(city)
    instance = Instance(service, 1)
    await asyncio.to_thread(city.stop_instance, instance)
    await asyncio.to_thread(city.stack.kill_kafka)
    await asyncio.to_thread(city.start_instance, instance)
    await until(lambda: _names(city, instance, "Kafka"), f"{instance} to name Kafka", within_s=NOTICED_WITHIN_S)
    alive, _ = await ask(city, instance, "/live")

    await asyncio.to_thread(city.stack.start_kafka)
    await all_ready(city)
    async with reporters(city) as people:
        await people.report(10)

    assert alive == 200
    await everything_arrived(city, people.promises)


async def _names(city: City, instance: Instance, what: str) -> bool:
    """Whether an instance is not ready and gives this for a reason."""
    status, content = await ask(city, instance, "/ready")
    return status == 503 and any(what in reason for reason in content["reasons"])


async def _post(city: City) -> tuple[int, str, str, str]:
    """One report of somebody who does not insist: status, content type, Retry-After, kind of problem."""
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{city.url('intake')}/v1/reports", json=a_report_body()) as answer,
    ):
        content = await answer.json(content_type=None)
        return answer.status, answer.content_type, answer.headers.get("Retry-After", "0"), content["type"]
