"""How does a service's database get the shape that the code expects?"""

from __future__ import annotations

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from lamplight_chassis.settings import ServiceSettings

LOCK_KEY = 0x6D6967726174


def alembic_config(folder: Path) -> Config:
    """Alembic's configuration for the migrations in `folder`, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


async def migrate(settings: ServiceSettings, folder: Path) -> None:
    """Bring a database to the newest revision; several instances may try at once, one does it."""
    engine = create_async_engine(settings.sqlalchemy_url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        await connection.run_sync(_upgrade, alembic_config(folder))
    await engine.dispose()


def _upgrade(connection: Connection, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_revisions(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls: run the revisions on the connection that `migrate` opened."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
