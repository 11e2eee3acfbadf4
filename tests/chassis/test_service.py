"""Is what a service opened given back at its end, whatever fails on the way?"""

from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from lamplight_chassis.clock import new_id
from lamplight_chassis.service import Service, new_api
from lamplight_chassis.settings import ServiceSettings
from tests.asgi import running
from tests.services import NOWHERE, OPEN


def a_service(database_url: str) -> Service:
    settings = ServiceSettings(database_url=database_url, kafka_bootstrap_servers=NOWHERE, instance_id="1", rights=OPEN)
    return Service(name="words", settings=settings, migrations=Path(), dead_letter_topic="dead", new_id=new_id)


async def test_what_was_opened_is_closed_at_the_end_the_last_first_and_the_database_after_it(database_url: str) -> None:
    service = a_service(database_url)
    closed: list[str] = []

    async def close_first() -> None:
        await service.database.ping()
        closed.append("first")

    async def close_second() -> None:
        closed.append("second")

    async def fail() -> None:
        closed.append("broken")
        raise KeyError("a bug")

    for close in (close_first, fail, close_second):
        service.add_closing(close)
    with capture_logs() as logs:
        async with running(service.build_app(new_api(title="Words", description="Words.", version="1"))):
            assert closed == []

    assert closed == ["second", "broken", "first"]
    [line] = [line for line in logs if line["event"] == "service.closing_failed"]
    assert line["closing"] == "fail"
    assert logs[-1]["event"] == "service.stopped"
