"""Does each event take effect once, however often and wherever it arrives?"""

from __future__ import annotations

import asyncio
from uuid import UUID

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.inbox import Claims, claim_events, digest_of, release_events
from tests.chassis.parts import rows_of

SETTLE_S = 0.3


async def test_a_new_event_is_fresh(database: Database) -> None:
    first, second = new_id(), new_id()

    async with database.transaction() as work:
        claims = await claim_events(work.connection, {first: 1, second: 2})

    assert claims == Claims(frozenset({first, second}), frozenset())


async def test_an_event_that_comes_again_is_neither_fresh_nor_in_conflict(database: Database) -> None:
    known, new = new_id(), new_id()
    async with database.transaction() as work:
        await claim_events(work.connection, {known: 1})

    async with database.transaction() as work:
        claims = await claim_events(work.connection, {known: 1, new: 2})

    assert claims == Claims(frozenset({new}), frozenset())


async def test_an_id_that_comes_with_another_content_is_in_conflict(database: Database) -> None:
    known = new_id()
    async with database.transaction() as work:
        await claim_events(work.connection, {known: 1})

    async with database.transaction() as work:
        claims = await claim_events(work.connection, {known: -1})

    assert claims == Claims(frozenset(), frozenset({known}))


async def test_no_events_are_no_question_to_the_database(database: Database) -> None:
    async with database.transaction() as work:
        assert await claim_events(work.connection, {}) == Claims(frozenset(), frozenset())


async def test_a_claim_is_lost_with_its_transaction(database: Database) -> None:
    event_id = new_id()
    async with database.engine.connect() as connection:
        await claim_events(connection, {event_id: 1})
        await connection.rollback()

    async with database.transaction() as work:
        claims = await claim_events(work.connection, {event_id: 1})

    assert event_id in claims.fresh


async def test_a_released_claim_is_fresh_again(database: Database) -> None:
    kept, released = new_id(), new_id()
    async with database.transaction() as work:
        await claim_events(work.connection, {kept: 1, released: 1})
        await release_events(work.connection, [released])

    async with database.transaction() as work:
        claims = await claim_events(work.connection, {kept: 1, released: 1})

    assert claims.fresh == {released}


async def test_of_two_transactions_on_one_id_the_second_waits_and_finds_it_handled(database: Database) -> None:
    event_id = new_id()
    async with database.transaction() as work:
        await claim_events(work.connection, {event_id: 1})
        second = asyncio.create_task(_claim(database, event_id))
        await asyncio.wait([second], timeout=SETTLE_S)
        assert not second.done()

    claims = await second

    assert claims == Claims(frozenset(), frozenset())


async def test_of_two_transactions_on_one_id_the_second_takes_it_when_the_first_fails(database: Database) -> None:
    event_id = new_id()
    async with database.engine.connect() as connection:
        await claim_events(connection, {event_id: 1})
        second = asyncio.create_task(_claim(database, event_id))
        await asyncio.wait([second], timeout=SETTLE_S)
        await connection.rollback()

    claims = await second

    assert claims.fresh == {event_id}


async def test_two_transactions_on_the_same_ids_in_any_order_do_not_deadlock(database: Database) -> None:
    ids = [new_id() for _ in range(200)]

    both = await asyncio.gather(*(_claim(database, *order) for order in (ids, reversed(ids)) for _ in range(4)))

    assert sum(len(claims.fresh) for claims in both) == len(ids)
    assert [row.count for row in await rows_of(database, "SELECT count(*) FROM inbox")] == [len(ids)]


def test_the_digest_tells_contents_apart_and_fits_a_signed_bigint() -> None:
    digests = {digest_of(str(number).encode()) for number in range(1000)}

    assert len(digests) == 1000
    assert all(-(2**63) <= digest < 2**63 for digest in digests)
    assert digest_of(b"1") == digest_of(b"1")


async def _claim(database: Database, *event_ids: UUID) -> Claims:
    async with database.transaction() as work:
        return await claim_events(work.connection, dict.fromkeys(event_ids, 1))
