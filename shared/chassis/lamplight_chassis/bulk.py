"""How are many rows written with one statement, whatever their number?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection


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


def array_literal(values: Sequence[object]) -> str:
    """A PostgreSQL array of plain values (ids, numbers) as text: unnest would flatten a nested array."""
    return "{" + ",".join(str(value) for value in values) + "}"


def _element_type(column: Column[Any]) -> str:
    return "text" if isinstance(column.type, ARRAY) else _type(column)


def _picked(column: Column[Any]) -> str:
    return f"CAST(r.{column.name} AS {_type(column)})" if isinstance(column.type, ARRAY) else f"r.{column.name}"


def _type(column: Column[Any]) -> str:
    return column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
