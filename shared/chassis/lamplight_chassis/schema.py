"""Does a database have the shape that this code expects?

Reads file names and one row, so that a service need not load the machinery of migrations to look.
"""

from __future__ import annotations

from pathlib import Path

from asyncpg import UndefinedTableError

from lamplight_chassis.database import Database


def newest_revision(folder: Path) -> str:
    """The newest revision in a migrations folder, whose files are named `<revision>_<words>.py` in their order."""
    return max(path.name.split("_")[0] for path in (folder / "versions").glob("[0-9]*_*.py"))


async def pending_revision(database: Database, folder: Path) -> str | None:
    """The newest revision if the database does not have it, else None."""
    newest = newest_revision(folder)
    try:
        rows = await database.fetch("SELECT version_num FROM alembic_version")
    except UndefinedTableError:  # no revision was ever run
        return newest
    return None if [row["version_num"] for row in rows] == [newest] else newest
