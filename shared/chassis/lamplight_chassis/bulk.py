"""How are many rows written with one statement, whatever their number?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel


class BulkAppend:
    """A binary COPY in the caller's transaction: the cheapest way to add rows that are certain to be new.

    Arguments:
        columns: which columns are written; rows are tuples in this order, with plain driver values.
    """

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self._table = table
        self._columns = tuple(columns)

    async def write(self, connection: AsyncConnection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows in their order; a generated column counts in that order too."""
        if not rows:
            return
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        if not driver.is_in_transaction():  # SQLAlchemy begins with its first statement, and has not seen one yet
            await connection.execute(_BEGIN)
        await driver.copy_records_to_table(self._table, records=rows, columns=self._columns)


class BulkInsert:
    """One `INSERT ... SELECT FROM unnest(...)`: planned once, one round trip, one array per column.

    Arguments:
        columns: which columns are written; rows are tuples in this order.
        on_conflict: the statement's conflict clause, such as `ON CONFLICT DO NOTHING`.
    """

    def __init__(self, table: Table, columns: Sequence[str], *, on_conflict: str = "") -> None:
        self._columns = tuple(columns)
        arrays = ", ".join(f"CAST(:{name} AS {_element_type(table.c[name])}[])" for name in columns)
        picked = ", ".join(_picked(table.c[name]) for name in columns)
        names = ", ".join(columns)
        self._statement = text(
            f"INSERT INTO {table.name} ({names}) SELECT {picked} "
            f"FROM unnest({arrays}) WITH ORDINALITY AS r ({names}, place) ORDER BY place {on_conflict}"
        )

    async def write(self, connection: AsyncConnection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows in their order; an array inside a row is given as a list."""
        if rows:
            await connection.execute(self._statement, dict(zip(self._columns, zip(*rows, strict=True), strict=True)))


_BEGIN = text("SELECT 1")


def table_of(row: type[SQLModel]) -> Table:
    """The table that a row class stands for."""
    table: Table = row.__table__  # type: ignore[attr-defined]  # made by SQLModel's metaclass, which declares it nowhere
    return table


def array_literal(values: Sequence[object]) -> str:
    """A PostgreSQL array of plain values (ids, numbers) as text: unnest would flatten a nested array."""
    return "{" + ",".join(str(value) for value in values) + "}"


def _element_type(column: Column[Any]) -> str:
    return "text" if isinstance(column.type, ARRAY) else _type(column)


def _picked(column: Column[Any]) -> str:
    return f"CAST(r.{column.name} AS {_type(column)})" if isinstance(column.type, ARRAY) else f"r.{column.name}"


def _type(column: Column[Any]) -> str:
    return column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]  # SQLAlchemy types it not
