"""How does each test get a database of its own, with the newest tables, in a tenth of a second?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, TypeVar

import asyncpg
import dispatch.app
import dispatch.settings
import intake.app
import intake.settings
import notify.app
import notify.settings

from deploy.local.stack import Stack
from lamplight_chassis.migrations import migrate
from lamplight_chassis.queue_tables import QUEUE_TABLES_V1

PREFIX = "copy_"

Result = TypeVar("Result")

EFFECTS = (
    "CREATE TABLE effects (place bigint GENERATED ALWAYS AS IDENTITY, message_id uuid NOT NULL, word text NOT NULL)"
)


async def _migrate_intake(url: str) -> None:
    await migrate(intake.settings.Settings(database_url=url), intake.app.MIGRATIONS)


async def _migrate_dispatch(url: str) -> None:
    await migrate(dispatch.settings.Settings(database_url=url), dispatch.app.MIGRATIONS)


async def _migrate_notify(url: str) -> None:
    await migrate(notify.settings.Settings(database_url=url), notify.app.MIGRATIONS)


async def _make_queue_tables(url: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in (*QUEUE_TABLES_V1, EFFECTS):
        await connection.execute(statement)
    await connection.close()


async def _leave_empty(_: str) -> None:
    return


TEMPLATES: Mapping[str, Callable[[str], Coroutine[Any, Any, None]]] = {
    "intake": _migrate_intake,
    "dispatch": _migrate_dispatch,
    "notify": _migrate_notify,
    "queues": _make_queue_tables,
    "empty": _leave_empty,
}


class Databases:
    """Makes each template when it is first asked for, and copies it as often as it is needed."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._numbers = count(1)
        self._made: set[str] = set()
        self._drop_leftovers()

    def copy(self, template: str) -> str:
        """A new database like `template`; answers its name."""
        if template not in self._made:
            self._make_template(template)
        name = f"{PREFIX}{template}_{next(self._numbers)}"
        self._run_as_superuser([f'CREATE DATABASE "{name}" TEMPLATE "template_{template}"'])
        return name

    def drop(self, names: Iterable[str]) -> None:
        """Drop databases, with whoever is still connected."""
        self._run_as_superuser([f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in names])

    def _make_template(self, template: str) -> None:
        url = self.stack.create_database(f"template_{template}")
        _run(TEMPLATES[template](url))
        self._made.add(template)

    def _drop_leftovers(self) -> None:
        found = self._run_as_superuser(
            [f"SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%' OR datname LIKE 'template\\_%'"]
        )
        self.drop(row["datname"] for row in found)

    def _run_as_superuser(self, statements: Iterable[str]) -> list[asyncpg.Record]:
        return _run(self._statements(list(statements)))

    async def _statements(self, statements: list[str]) -> list[asyncpg.Record]:
        if not statements:
            return []
        connection = await asyncpg.connect(self.stack.superuser_url)
        try:
            return [row for statement in statements for row in await connection.fetch(statement)]
        finally:
            await connection.close()


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a loop of its own, whether or not the caller is inside one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
