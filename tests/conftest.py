"""What do all tests share: one real Kafka and PostgreSQL, started by the first test that asks for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stamina
from hypothesis import HealthCheck, settings

from deploy.local.launch import start
from deploy.local.progress import silent, timed_lines
from deploy.local.stack import Stack
from tests.databases import Databases

DATA = Path(os.environ.get("LAMPLIGHT_TEST_DATA", Path(__file__).parents[1] / "build" / "test-data"))

# How long an example takes says how busy the machine is, and nothing about the code under test.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The servers of this run; what they say on the way goes past pytest's capture."""
    say = timed_lines(sys.__stderr__) if sys.__stderr__ else silent
    with start(DATA, say=say) as stack:
        yield stack


@pytest.fixture(scope="session")
def databases(stack: Stack) -> Databases:
    """Copies of each service's migrated database."""
    return Databases(stack)


@pytest.fixture
def new_database(databases: Databases) -> Iterator[Callable[[str], str]]:
    """Gives out databases that only this test uses, by the name of their template; answers the address."""
    taken: list[tuple[str, str]] = []

    def take(template: str) -> str:
        taken.append((template, databases.take(template)))
        return taken[-1][1]

    yield take
    for template, url in taken:
        databases.give_back(template, url)


@pytest.fixture
def one_attempt() -> Iterator[None]:
    """What would be retried for a minute is tried once."""
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)
