"""How does a service reach its own database, and tell events together with the change they tell of?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lamplight_chassis.outbox import OutgoingRecord, add_to_outbox
from lamplight_chassis.settings import ServiceSettings

# PostgreSQL notices a client that vanished without a word within about 15 s and frees its locks.
KEEPALIVE = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "3", "tcp_keepalives_count": "3"}
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30


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
            act()

    async def write_outbox(self) -> int:
        """Store what was emitted; returns how many events that were."""
        await add_to_outbox(self.connection, self._outgoing)
        return len(self._outgoing)


class Database:
    """The one place that opens and commits transactions."""

    def __init__(self, engine: AsyncEngine, on_events: Callable[[], None]) -> None:
        self.engine = engine
        self._readers = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._on_events = on_events

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

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for single SELECTs, without the two round trips of a transaction."""
        async with self._readers.connect() as connection:
            yield connection

    async def ping(self) -> None:
        """Raise whatever stands between us and the database."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def open_database(settings: ServiceSettings, *, application_name: str, on_events: Callable[[], None]) -> Database:
    """Prepare the connection pool; nothing is connected before the first use."""
    engine = create_async_engine(
        settings.sqlalchemy_url,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=False,
        connect_args={
            "timeout": CONNECT_TIMEOUT_S,
            "command_timeout": STATEMENT_TIMEOUT_S,
            "server_settings": {"application_name": application_name, "jit": "off", **KEEPALIVE},
        },
    )
    return Database(engine, on_events)
