"""Is it noticed when a service ends by itself, and said where its log is?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from deploy.city import City, Instance
from tests.local.builders import wait_until

FIRST = Instance("intake", 1)
BREAKS = "import sys; sys.exit('ValueError: a wrong setting')"


class FakeStack:
    """A Kafka and a PostgreSQL that nobody asks anything."""

    bootstrap_servers = "127.0.0.1:1"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stopped: str | None = None

    def database_url(self, name: str) -> str:
        return f"postgresql://127.0.0.1:1/{name}"

    def stopped_by_itself(self) -> str | None:
        return self.stopped

    def stop(self) -> None:
        return


@pytest.fixture
def stack(tmp_path: Path) -> FakeStack:
    (tmp_path / "sleeper.py").write_text("import time; time.sleep(60)")
    (tmp_path / "breaker.py").write_text(BREAKS)
    return FakeStack(tmp_path)


@pytest.fixture
def city(stack: FakeStack) -> Iterator[City]:
    """A city whose services do nothing."""
    with City(cast(Any, stack), {}, entry=lambda _: ("sleeper",)) as city:
        yield city


def test_while_everything_runs_there_is_nothing_to_say(city: City) -> None:
    city.start_instance(FIRST)

    assert city.stopped_by_itself() is None


def test_a_service_that_is_killed_by_somebody_else_is_noticed_with_its_log(city: City, stack: FakeStack) -> None:
    city.start_instance(FIRST)
    os.kill(city.pid(FIRST) or 0, signal.SIGKILL)

    wait_until(lambda: city.stopped_by_itself() is not None)

    sentence = city.stopped_by_itself()
    assert sentence is not None
    assert sentence.startswith("intake-1 stopped by itself: ")
    assert str(stack.folder / "intake-1.log") in sentence


def test_a_service_that_breaks_is_noticed_with_what_it_said_last(stack: FakeStack) -> None:
    with City(cast(Any, stack), {}, entry=lambda _: ("breaker",)) as city:
        city.start_instance(FIRST)
        wait_until(lambda: city.stopped_by_itself() is not None)

        assert "ValueError: a wrong setting" in (city.stopped_by_itself() or "")


def test_a_service_that_was_stopped_on_purpose_is_not_missed(city: City) -> None:
    city.start_instance(FIRST)

    city.kill_instance(FIRST)

    assert city.stopped_by_itself() is None


def test_a_server_below_the_services_is_noticed_too(city: City, stack: FakeStack) -> None:
    stack.stopped = "Kafka"

    assert city.stopped_by_itself() == f"Kafka stopped by itself: its log is in {stack.folder}."
