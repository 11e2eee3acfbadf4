"""Are the vault's tables what the code expects, and do they refuse what is half sealed?"""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from intake.vault.keys import VaultKeys
from intake.vault.store import AuditRow, ConsentRow, DeletionRow, EntryRow
from lamplight_chassis.database import Database
from tests.intake.vault.builders import a_person, keep

TABLES = {row.__tablename__ for row in (EntryRow, AuditRow, ConsentRow, DeletionRow)}


def differences(connection: Connection) -> list[object]:
    def is_ours(thing: Any, name: str | None, kind: str, *_: object) -> bool:
        return name in TABLES if kind == "table" else True

    options = {"compare_type": True, "include_object": is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), EntryRow.metadata))


async def test_the_models_are_what_the_migration_builds(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vault_entries SET ciphertext = NULL",
        "UPDATE vault_entries SET emptied_at = now()",
        "UPDATE vault_entries SET nonce = '\\x00'",
    ],
)
async def test_the_database_keeps_no_half_sealed_entry(database: Database, keys: VaultKeys, change: str) -> None:
    await keep(database, keys, a_person())

    with pytest.raises(DBAPIError, match="vault_entries_"):
        async with database.transaction() as work:
            await work.connection.execute(text(change))
