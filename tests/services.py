"""How does a test run one instance of a service in its own process, and look into its database?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI

import dispatch.app
import dispatch.settings
import intake.app
import intake.settings
import notify.app
import notify.settings
from lamplight_chassis.clock import Clock
from lamplight_chassis.database import Database, open_database
from lamplight_chassis.rights.settings import RightsSettings
from lamplight_chassis.settings import ServiceSettings
from tests.asgi import Api, running
from tests.builders import NOW

NOWHERE = "127.0.0.1:1"
"""An address where no Kafka is: what a service tells stays in its outbox."""

OPEN = RightsSettings(mode="open")
"""Everybody may do everything: what most tests are not about."""

SERVICES: Mapping[str, tuple[Callable[..., FastAPI], Callable[..., ServiceSettings]]] = {
    "intake": (intake.app.create_app, intake.settings.Settings),
    "dispatch": (dispatch.app.create_app, dispatch.settings.Settings),
    "notify": (notify.app.create_app, notify.settings.Settings),
}


@asynccontextmanager
async def an_app(service: str, url: str, *, now: Clock = lambda: NOW, **settings: Any) -> AsyncIterator[Api]:
    """A running instance; without a Kafka unless one is given."""
    create_app, read_settings = SERVICES[service]
    given = {"kafka_bootstrap_servers": NOWHERE, "instance_id": "1", "rights": OPEN, **settings}
    async with running(create_app(read_settings(database_url=url, **given), now=now)) as api:
        yield api


@asynccontextmanager
async def a_database(url: str) -> AsyncIterator[Database]:
    """A service's way to its database, without the service."""
    database = open_database(ServiceSettings(database_url=url), application_name="test", on_events=lambda: None)
    yield database
    await database.close()


async def fetch(url: str, query: str, *values: object) -> list[dict[str, Any]]:
    """The rows of one statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()
