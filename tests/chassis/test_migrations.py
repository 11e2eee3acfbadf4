"""Does a database get the shape that the code expects, once, and does the code say when it lacks it?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import dispatch.app
import dispatch.settings
import dispatch.store
import intake.app
import intake.settings
import intake.tables
import intake.vault.store
import notify.app
import notify.settings
import notify.store
from lamplight_chassis.database import open_database
from lamplight_chassis.migrations import alembic_config, migrate
from lamplight_chassis.schema import newest_revision, pending_revision
from lamplight_chassis.settings import ServiceSettings

Found = TypeVar("Found")

METADATA: dict[str, MetaData] = {
    "intake": intake.tables.metadata_of_intake,
    "dispatch": dispatch.store.metadata_of_dispatch,
    "notify": notify.store.metadata_of_notify,
}
APPS: dict[str, ModuleType] = {"intake": intake.app, "dispatch": dispatch.app, "notify": notify.app}
every_service = pytest.mark.parametrize("service", METADATA)


def folder_of(service: str) -> Path:
    migrations = APPS[service].MIGRATIONS
    assert isinstance(migrations, Path)
    return migrations


def engine_for(url: str) -> AsyncEngine:
    return create_async_engine(ServiceSettings(database_url=url).sqlalchemy_url, poolclass=NullPool)


async def look(url: str, question: Callable[[Connection], Found]) -> Found:
    async with engine_for(url).connect() as connection:
        return await connection.run_sync(question)


async def pending(url: str, service: str) -> str | None:
    """The revision that a database lacks, as the running service sees it."""
    database = open_database(ServiceSettings(database_url=url), application_name="test", on_events=lambda: None)
    try:
        return await pending_revision(database, folder_of(service))
    finally:
        await database.close()


def tables_of(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


@every_service
async def test_the_models_are_what_the_migrations_build(new_database: Callable[[str], str], service: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA[service]))

    assert await look(new_database(service), differences) == []


@every_service
async def test_a_database_is_migrated_once_however_often_it_is_asked_for(
    new_database: Callable[[str], str], service: str
) -> None:
    settings = ServiceSettings(database_url=new_database("empty"))

    await migrate(settings, folder_of(service))
    await migrate(settings, folder_of(service))

    assert await pending(settings.database_url, service) is None
    assert {"outbox", "inbox", "idempotency"} < await look(settings.database_url, tables_of)


async def test_two_instances_that_migrate_at_once_do_not_harm_one_another(new_database: Callable[[str], str]) -> None:
    settings = ServiceSettings(database_url=new_database("empty"))

    await asyncio.gather(*(migrate(settings, folder_of("intake")) for _ in range(3)))

    assert "reports" in await look(settings.database_url, tables_of)


@every_service
async def test_a_database_without_tables_lacks_the_newest_revision(
    new_database: Callable[[str], str], service: str
) -> None:
    assert await pending(new_database("empty"), service) == newest_revision(folder_of(service))


@every_service
def test_the_newest_file_is_the_newest_revision(service: str) -> None:
    folder = folder_of(service)

    assert newest_revision(folder) == ScriptDirectory.from_config(alembic_config(folder)).get_current_head()


async def test_a_revision_that_fails_leaves_nothing_behind(new_database: Callable[[str], str]) -> None:
    settings = ServiceSettings(database_url=new_database("empty"))
    engine = engine_for(settings.database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE reports (id integer)"))

    with pytest.raises(ProgrammingError):
        await migrate(settings, folder_of("intake"))

    assert await look(settings.database_url, tables_of) == {"reports"}
