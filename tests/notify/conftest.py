"""What do notify's tests share: a database of its own, and an instance on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import CollectorRegistry

from lamplight_chassis.database import Database
from notify.metrics import NotifyMetrics
from tests.asgi import Api
from tests.services import a_database, an_app


@pytest.fixture
def url(new_database: Callable[[str], str]) -> str:
    return new_database("notify")


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with a_database(url) as database:
        yield database


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with an_app("notify", url) as api:
        yield api


@pytest.fixture
def metrics() -> NotifyMetrics:
    return NotifyMetrics(CollectorRegistry())
