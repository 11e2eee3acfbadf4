"""Is an event stored with the change it tells of, whole and in order, or not at all?"""

from __future__ import annotations

import pytest
from asyncpg import UniqueViolationError
from hypothesis import given
from hypothesis import strategies as st

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.outbox import pack_headers, unpack_headers
from tests.chassis.parts import WRITE_EFFECT, Outgoing, effects, rows_of

NAMES = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(NAMES, st.none() | st.binary())))
def test_headers_of_any_bytes_or_none_come_back_as_they_were(headers: list[tuple[str, bytes | None]]) -> None:
    assert unpack_headers(pack_headers(headers)) == headers


async def test_events_are_stored_in_the_order_of_the_calls(database: Database) -> None:
    async with database.transaction() as work:
        for number in range(600):
            work.emit(Outgoing(value=str(number).encode()))

    rows = await rows_of(database, "SELECT value FROM outbox ORDER BY id")

    assert [int(row.value) for row in rows] == list(range(600))


async def test_every_part_of_an_event_is_stored_as_it_is(database: Database) -> None:
    event = Outgoing(key=b"\x00\xff", headers=(("a", None), ("b", b"\x80\x00")), value=None)

    async with database.transaction() as work:
        work.emit(event)

    [row] = await rows_of(database, "SELECT event_id, topic, key, headers, value, parked_reason FROM outbox")
    assert (row.event_id, row.topic, bytes(row.key), row.value) == (event.event_id, "words", b"\x00\xff", None)
    assert unpack_headers(row.headers) == [("a", None), ("b", b"\x80\x00")]
    assert row.parked_reason is None


async def test_a_failed_transaction_leaves_neither_its_change_nor_its_event(
    database: Database, woken: list[str]
) -> None:
    told: list[str] = []

    async def fail() -> None:
        async with database.transaction() as work:
            await work.connection.execute(WRITE_EFFECT, {"id": new_id(), "word": "lost"})
            work.emit(Outgoing())
            work.after_commit(lambda: told.append("committed"))
            raise KeyError

    with pytest.raises(KeyError):
        await fail()

    assert await effects(database) == []
    assert await rows_of(database, "SELECT id FROM outbox") == []
    assert (told, woken) == ([], [])


async def test_an_event_id_that_is_used_twice_undoes_the_change(database: Database) -> None:
    event = Outgoing()

    async def emit_twice() -> None:
        async with database.transaction() as work:
            await work.connection.execute(WRITE_EFFECT, {"id": new_id(), "word": "lost"})
            work.emit(event)
            work.emit(event)

    with pytest.raises(UniqueViolationError):
        await emit_twice()

    assert await effects(database) == []


async def test_the_relay_is_woken_once_the_events_can_be_seen(database: Database, woken: list[str]) -> None:
    async with database.transaction() as work:
        work.emit(Outgoing())
        work.emit(Outgoing())
        assert woken == []

    assert woken == ["woken"]


async def test_a_transaction_without_events_wakes_nobody(database: Database, woken: list[str]) -> None:
    told: list[str] = []

    async with database.transaction() as work:
        work.after_commit(lambda: told.append("committed"))
        assert told == []

    assert (told, woken) == (["committed"], [])


async def test_a_select_on_its_own_leaves_no_transaction_open(database: Database) -> None:
    await rows_of(database, "SELECT id FROM outbox")

    states = await rows_of(database, "SELECT state FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")

    assert states == []
