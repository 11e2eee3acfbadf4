"""How does a service reach its own database, and tell events together with the change they tell of?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lamplight_chassis.outbox import OutgoingRecord, add_to_outbox
from lamplight_chassis.settings import ServiceSettings

# PostgreSQL notices a client that vanished without a word within about 15 s and frees its locks.
KEEPALIVE = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3"}
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30
# Somebody waits for what is only read, and reads are small.
READ_TIMEOUT_S = 10

log = structlog.get_logger()

OpenReaders = Callable[[], Awaitable[asyncpg.Pool]]


class UnitOfWork:
    """One transaction, and the events that become true with its commit."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self._outgoing: list[OutgoingRecord] = []
        self._afterwards: list[Callable[[], None]] = []

    def emit(self, record: OutgoingRecord) -> UUID:
        """Tell an event with this transaction; it is stored at the end, in the order of the calls."""
        self._outgoing.append(record)
        return record.event_id

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do something in memory once the transaction is committed: count it, wake somebody."""
        self._afterwards.append(act)

    def commit_done(self) -> None:
        """Run what waited for the commit."""
        for act in self._afterwards:
            try:
                act()
            except Exception:  # the commit stands: its callers must not hear otherwise
                log.exception("database.after_commit_failed")

    async def write_outbox(self) -> int:
        """Store what was emitted; returns how many events that were."""
        await add_to_outbox(self.connection, self._outgoing)
        return len(self._outgoing)


class Database:
    """The one place that opens and commits transactions, and that reads outside of them."""

    def __init__(self, engine: AsyncEngine, open_readers: OpenReaders, on_events: Callable[[], None]) -> None:
        self.engine = engine
        self._open_readers = open_readers
        """Makes the pool of connections that only SELECT (`asyncpg.create_pool`)."""
        self._readers: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._on_events = on_events
        """Called after each commit with events: wakes this instance's relay (`Relay.wake`)."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[UnitOfWork]:
        """Run one transaction; its events go to the outbox with it, or nothing happens at all."""
        async with self.engine.begin() as connection:
            work = UnitOfWork(connection)
            yield work
            emitted = await work.write_outbox()
        if emitted:
            self._on_events()
        work.commit_done()

    async def fetch(self, statement: str, *values: object) -> Sequence[Mapping[str, Any]]:
        """Run one SELECT on its own; parameters are `$1`, `$2` ... Straight on the driver: it is asked most often.

        Raises:
            TimeoutError: no connection became free within `CONNECT_TIMEOUT_S`, or no answer came within
                `READ_TIMEOUT_S`.
        """
        readers = self._readers or await self._connect_readers()
        async with asyncio.timeout(CONNECT_TIMEOUT_S):  # the pool's own limit would cost a task for each query
            reader = await readers.acquire()
        try:
            rows: Sequence[Mapping[str, Any]] = await reader.fetch(statement, *values)
        finally:
            await readers.release(reader)
        return rows

    async def ping(self) -> None:
        """Raise whatever stands between us and the database."""
        await self.fetch("SELECT 1")

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
        if self._readers is not None:
            self._readers.terminate()

    async def _connect_readers(self) -> asyncpg.Pool:
        async with self._opening:
            if self._readers is None:
                self._readers = await self._open_readers()
            return self._readers


def open_database(settings: ServiceSettings, *, application_name: str, on_events: Callable[[], None]) -> Database:
    """Prepare the connection pools; nothing is connected before the first use."""
    connecting = {
        "timeout": CONNECT_TIMEOUT_S,
        "command_timeout": STATEMENT_TIMEOUT_S,
        "server_settings": {"application_name": application_name, "jit": "off", **KEEPALIVE},
    }
    engine = create_async_engine(
        settings.sqlalchemy_url,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=False,
        hide_parameters=True,  # a failing INSERT must not put what people wrote into the log
        connect_args=connecting,
    )
    open_readers = partial(
        asyncpg.create_pool,
        settings.asyncpg_dsn,
        min_size=0,
        max_size=settings.database_pool_size,
        reset=_leave_as_it_is,
        **{**connecting, "command_timeout": READ_TIMEOUT_S},
    )
    return Database(engine, open_readers, on_events)


async def _leave_as_it_is(_: asyncpg.Connection) -> None:
    """A connection that only SELECTs has nothing to reset, and the round trip would cost as much as the query."""
