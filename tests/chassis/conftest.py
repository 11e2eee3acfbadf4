"""What do the plumbing's tests share: a database with the queue tables and one table for effects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import CollectorRegistry

from lamplight_chassis.database import Database, open_database
from lamplight_chassis.metrics import ChassisMetrics
from lamplight_chassis.settings import ServiceSettings


@pytest.fixture
def metrics() -> ChassisMetrics:
    return ChassisMetrics(CollectorRegistry())


@pytest.fixture
def database_url(new_database: Callable[[str], str]) -> str:
    return new_database("queues")


@pytest.fixture
def woken() -> list[str]:
    """One entry for each time that the relay was told of new events."""
    return []


@pytest.fixture
async def database(database_url: str, woken: list[str]) -> AsyncIterator[Database]:
    settings = ServiceSettings(database_url=database_url)
    database = open_database(settings, application_name="test", on_events=lambda: woken.append("woken"))
    yield database
    await database.close()
