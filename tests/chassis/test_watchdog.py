"""Does a process that is stuck end by itself, and no other?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import MutableMapping, Sequence
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from intake.app import create_app
from intake.settings import Settings
from lamplight_chassis.service import Service
from lamplight_chassis.watchdog import LOOKS, STUCK, wait_until_still
from tests.asgi import Api, running
from tests.polling import until
from tests.services import NOWHERE

HANGS = """
import time
from contextlib import asynccontextmanager
from fastapi import FastAPI
from lamplight_chassis.running import main
from lamplight_chassis.settings import ServiceSettings

class Service:
    pulse = 0

def create_app(settings):
    @asynccontextmanager
    async def lifespan(app):
        time.sleep(60)
        yield
    app = FastAPI(lifespan=lifespan)
    app.state.service = Service()
    return app

main(name="words", settings=ServiceSettings(), migrations=None, create_app=create_app)
"""


def test_a_pulse_that_stands_still_for_the_whole_patience_is_seen() -> None:
    slept: list[float] = []

    wait_until_still(lambda: 7, patience_s=120, sleep=slept.append)

    assert slept == [10.0] * LOOKS


@pytest.mark.parametrize("beats", [1, 5, LOOKS])
def test_a_pulse_that_beats_now_and_then_is_well(beats: int) -> None:
    pulse = chain.from_iterable(repeat(number, beats) for number in count())
    looks = 0

    def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 1_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait_until_still(lambda: next(pulse), patience_s=120, sleep=sleep)


def test_a_pulse_that_beats_once_too_rarely_is_not_well() -> None:
    pulse = chain.from_iterable(repeat(number, LOOKS + 1) for number in count())

    wait_until_still(lambda: next(pulse), patience_s=120, sleep=lambda _: None)


def test_a_process_whose_loop_hangs_exits_by_itself_and_says_so() -> None:
    environment = {**os.environ, "STUCK_EXIT_S": "1", "DATABASE_URL": f"postgresql://{NOWHERE}/words"}

    done = subprocess.run(
        [sys.executable, "-c", HANGS],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=Path(__file__).parents[2],
    )

    assert done.returncode == STUCK, done.stderr
    assert '"event": "service.stuck"' in done.stdout


async def test_an_instance_has_a_pulse_while_it_is_live_and_none_when_a_part_of_it_has_ended() -> None:
    settings = Settings(
        database_url=f"postgresql://{NOWHERE}/intake", kafka_bootstrap_servers=NOWHERE, stuck_exit_s=1.0
    )
    app = create_app(settings)
    service: Service = app.state.service

    async def beats() -> bool:
        return service.pulse > 2

    async with running(app) as api:
        await until(beats, "the instance lives, though it has neither Kafka nor a database")
        service.relay.stop()
        await until(lambda: is_unwell(api), "the relay has ended")
        before = service.pulse
        with capture_logs() as logs:
            await until(lambda: are_missed(logs), "some beats were due")

    assert service.pulse == before


async def is_unwell(api: Api) -> bool:
    return (await api.get("/live")).status == 503


async def are_missed(logs: Sequence[MutableMapping[str, Any]]) -> bool:
    reasons = [line["reasons"] for line in logs if line["event"] == "service.unwell"]
    return reasons[:3] == [["the relay task has ended"]] * 3
