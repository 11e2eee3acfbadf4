"""Are many rows written with one statement exactly as they were given?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Float, Identity, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from lamplight_chassis.bulk import BulkInsert, array_literal
from lamplight_chassis.database import Database, open_database
from lamplight_chassis.settings import ServiceSettings
from tests.chassis.parts import rows_of

THINGS = Table(
    "things",
    MetaData(),
    Column("place", BigInteger, Identity(always=True)),
    Column("id", Uuid, primary_key=True),
    Column("word", Text),
    Column("number", Integer),
    Column("share", Float),
    Column("at", DateTime(timezone=True)),
    Column("ids", ARRAY(Uuid)),
    Column("details", JSONB),
)
COLUMNS = ("id", "word", "number", "share", "at", "ids", "details")
AT = datetime(2026, 5, 20, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
async def things(new_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """A database with the table of things alone."""
    settings = ServiceSettings(database_url=new_database("empty"))
    database = open_database(settings, application_name="test", on_events=lambda: None)
    async with database.engine.begin() as connection:
        await connection.run_sync(THINGS.create)
    yield database
    await database.close()


async def write(database: Database, rows: Sequence[tuple[object, ...]], **options: str) -> None:
    async with database.transaction() as work:
        await BulkInsert(THINGS, COLUMNS, **options).write(work.connection, rows)


async def test_every_type_comes_back_as_it_was(things: Database) -> None:
    first, second = uuid4(), uuid4()
    rows = [
        (first, "点亮 💡 'quoted' \\ {}", -5, 0.1, AT, array_literal([first, second]), '{"a": [1, null]}'),
        (second, None, None, None, None, array_literal([]), "{}"),
    ]

    await write(things, rows)

    found = await rows_of(
        things, "SELECT id, word, number, share, at, ids, (details->'a'->0)::text AS one FROM things ORDER BY place"
    )
    assert found == [
        (first, "点亮 💡 'quoted' \\ {}", -5, 0.1, AT, [first, second], "1"),
        (second, None, None, None, None, [], None),
    ]


async def test_rows_are_written_in_their_order(things: Database) -> None:
    ids = [uuid4() for _ in range(2000)]

    await write(things, [(each, "", 0, 0.0, AT, "{}", "{}") for each in ids])

    assert [row.id for row in await rows_of(things, "SELECT id FROM things ORDER BY place")] == ids


async def test_no_rows_are_no_statement(things: Database) -> None:
    await write(things, [])

    assert await rows_of(things, "SELECT id FROM things") == []


async def test_the_conflict_clause_decides_about_rows_that_are_there(things: Database) -> None:
    known = uuid4()
    await write(things, [(known, "old", 1, 0.0, AT, "{}", "{}")])

    update = "ON CONFLICT (id) DO UPDATE SET word = excluded.word"
    await write(things, [(known, "new", 2, 0.0, AT, "{}", "{}")], on_conflict=update)

    assert await rows_of(things, "SELECT word, number FROM things") == [("new", 1)]
