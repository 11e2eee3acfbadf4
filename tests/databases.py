"""How does each test get a database of its own, with the newest tables, in milliseconds?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
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

PREFIX = "test_"

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
    await _execute(url, *QUEUE_TABLES_V1, EFFECTS)


async def _leave_empty(_: str) -> None:
    return


TEMPLATES: Mapping[str, Callable[[str], Coroutine[Any, Any, None]]] = {
    "intake": _migrate_intake,
    "dispatch": _migrate_dispatch,
    "notify": _migrate_notify,
    "queues": _make_queue_tables,
    "empty": _leave_empty,
}
# A copy takes a tenth of a second of a quiet machine, emptying one again a few milliseconds. What a migration wrote
# stays as a second set of tables beside the first; triggers that keep a table append-only look away.
START_OVER = """
    CREATE SCHEMA pristine;
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TABLE pristine.%1$I AS TABLE public.%1$I', name);
        END LOOP;
    END $$;
    CREATE FUNCTION pristine.start_over() RETURNS void LANGUAGE plpgsql AS $$ DECLARE name text; BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM public.%I', name);
            EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM pristine.%1$I', name);
        END LOOP;
        FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
            EXECUTE format('ALTER SEQUENCE public.%I RESTART', name);
        END LOOP;
    END $$;
"""
DISCONNECT_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Databases:
    """Makes each template when it is first asked for, copies it, and empties copies that are given back."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._numbers = count(1)
        self._templates: set[str] = set()
        self._free: dict[str, list[str]] = {}
        _run(self._drop_leftovers())

    def take(self, template: str) -> str:
        """The address of a database like `template` that nobody else uses."""
        free = self._free.setdefault(template, [])
        return free.pop() if free else _run(self._copy(template))

    def give_back(self, template: str, url: str) -> None:
        """Disconnect whoever is still there, and make the database like new."""
        if template != "empty":
            _run(_execute(url, DISCONNECT_OTHERS, "SELECT pristine.start_over()"))
            self._free[template].append(url)

    async def _copy(self, template: str) -> str:
        if template not in self._templates:
            await self._make_template(template)
        name = f"{PREFIX}{template}_{next(self._numbers)}"
        await self._as_superuser(f'CREATE DATABASE "{name}" TEMPLATE "{PREFIX}{template}"')
        return self._stack.database_url(name)

    async def _make_template(self, template: str) -> None:
        await self._as_superuser(f'CREATE DATABASE "{PREFIX}{template}"')
        url = self._stack.database_url(f"{PREFIX}{template}")
        await TEMPLATES[template](url)
        if template != "empty":
            await _execute(url, START_OVER)
        self._templates.add(template)

    async def _drop_leftovers(self) -> None:
        found = await self._as_superuser(f"SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%'")
        for row in found:
            await self._as_superuser(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')

    async def _as_superuser(self, statement: str) -> Sequence[asyncpg.Record]:
        connection = await asyncpg.connect(self._stack.superuser_url)
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end in a loop of its own, whether or not the caller is inside one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
