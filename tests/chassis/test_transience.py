"""Is a failure that may pass by itself told from one that never will?"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected, Transient
from lamplight_chassis.transience import is_transient

PASSING = [
    Transient("later"),
    ConnectionResetError(),
    TimeoutError(),
    OSError("no route to host"),
    PoolTimeout("all connections are in use"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InterfaceError("cannot call Connection.fetch(): connection has been released back to the pool"),
    asyncpg.InterfaceError("pool is closing"),
    asyncpg.ConnectionDoesNotExistError(),
    asyncpg.SerializationError(),
    asyncpg.DeadlockDetectedError(),
    asyncpg.TooManyConnectionsError(),
    asyncpg.AdminShutdownError(),
    asyncpg.CrashShutdownError(),
    asyncpg.CannotConnectNowError(),
    asyncpg.LockNotAvailableError(),
    OperationalError("SELECT 1", {}, asyncpg.AdminShutdownError()),
    DBAPIError("SELECT 1", {}, ValueError(), connection_invalidated=True),
]
LASTING = [
    ValueError(),
    KeyError(),
    AssertionError(),
    Rejected("rude", "no"),
    asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"),
    asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
    asyncpg.UniqueViolationError(),
    asyncpg.UndefinedTableError(),
    asyncpg.CharacterNotInRepertoireError(),
    asyncpg.NumericValueOutOfRangeError(),
    DBAPIError("SELECT 1", {}, asyncpg.UniqueViolationError()),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_is_away_may_come_back(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_is_wrong_stays_wrong(error: Exception) -> None:
    assert not is_transient(error)


BAD_VALUES = pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 2**40),
        ("bigint", 2**70),
        ("integer", "many"),
        ("text", "a\x00b"),
        ("timestamptz", datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))),
        ("uuid", "no uuid"),
    ],
    ids=repr,
)


@BAD_VALUES
async def test_a_value_that_a_transaction_cannot_take_stays_wrong(database: Database, kind: str, value: object) -> None:
    async with database.engine.connect() as connection:
        with pytest.raises(DBAPIError) as failure:
            await connection.execute(text(f"SELECT CAST(:value AS {kind})"), {"value": value})

    assert not is_transient(failure.value)


@BAD_VALUES
async def test_a_value_that_a_select_cannot_take_stays_wrong(database: Database, kind: str, value: object) -> None:
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresError)) as failure:
        await database.fetch(f"SELECT CAST($1 AS {kind})", value)

    assert not is_transient(failure.value)


async def test_a_statement_with_too_few_values_stays_wrong(database: Database) -> None:
    with pytest.raises(asyncpg.InterfaceError, match="expects 2 arguments") as failure:
        await database.fetch("SELECT $1::integer + $2::integer", 1)

    assert not is_transient(failure.value)


async def test_a_pool_that_was_closed_may_be_opened_again(database: Database) -> None:
    await database.ping()
    await database.close()

    with pytest.raises(asyncpg.InterfaceError, match="pool is clos") as failure:
        await database.ping()

    assert is_transient(failure.value)


async def test_a_connection_that_is_cut_may_come_back(database: Database) -> None:
    async with database.engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await database.fetch("SELECT pg_terminate_backend($1, 5000)", pid)
        with pytest.raises(DBAPIError) as failure:
            await connection.execute(text("SELECT 1"))
        await connection.invalidate()

    assert is_transient(failure.value)


async def test_a_lock_that_somebody_holds_may_become_free(database: Database) -> None:
    async with database.engine.begin() as holder, database.engine.connect() as waiting:
        await holder.execute(text("LOCK TABLE effects"))
        await waiting.execute(text("SET lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError) as failure:
            await waiting.execute(text("LOCK TABLE effects"))

    assert is_transient(failure.value)
