"""Do all values get under the newest key, through every interruption, and is no key dropped too early?"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import pytest
from sqlalchemy import text

from intake.vault.entries import Kind
from intake.vault.keys import VaultKeys
from intake.vault.pulls import PullRequest, pull
from intake.vault.rotation import Rotation, entries_per_key, entries_under_key, missing_keys, rotate
from intake.vault.sealing import Entry
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW
from tests.intake.vault.builders import (
    A_RECIPIENT,
    COMMUNITY,
    a_person,
    a_reporter,
    closed_days_ago,
    keep,
    put_case,
    rows,
    some_keys,
)
from tests.polling import until

OLD = some_keys("k1")
BOTH = some_keys("k2", "k1", health=("h2", "h1"))
NEW = some_keys("k2", health=("h2",))
PEOPLE = 6


@pytest.fixture
async def people(database: Database) -> list[Mapping[Kind, Entry]]:
    return [await keep(database, OLD, a_person()) for _ in range(PEOPLE)]


async def cut_off(run: Coroutine[Any, Any, Rotation], database: Database) -> None:
    """Let a run do a few batches, and kill it in the middle of one."""
    running = asyncio.create_task(run)

    async def has_begun() -> bool:
        return await entries_under_key(database, "k2") >= 1

    await until(has_begun, "the first batches")
    running.cancel()
    await running


async def read(database: Database, keys: VaultKeys, entries: Mapping[Kind, Entry]) -> set[object]:
    case_id = entries[Kind.NAME].case_id
    await put_case(database, case_id, CaseState.HANDLING)
    request = PullRequest(tuple(entry.id for entry in entries.values()), "care", COMMUNITY, case_id, NOW)
    return set((await pull(database, keys, request)).values())


@pytest.mark.parametrize("batch_rows", [1, 7, 30, 500])
async def test_everything_is_under_the_newest_key_afterwards_and_opens_without_the_old_one(
    database: Database, people: list[Mapping[Kind, Entry]], batch_rows: int
) -> None:
    done = await rotate(database, BOTH, batch_rows=batch_rows)

    assert (done.resealed, done.damaged) == (PEOPLE * len(A_RECIPIENT), [])
    assert await entries_per_key(database) == {"k2": PEOPLE * 4, "h2": PEOPLE}
    for entries in people:
        assert await read(database, NEW, entries) == set(A_RECIPIENT)


async def test_a_second_run_does_nothing(database: Database, people: list[Mapping[Kind, Entry]]) -> None:
    await rotate(database, BOTH)
    before = await rows(database, "vault_entries")

    assert (await rotate(database, BOTH)).resealed == 0
    assert await rows(database, "vault_entries") == before


async def test_a_run_that_is_cut_off_half_way_is_finished_by_the_next(
    database: Database, people: list[Mapping[Kind, Entry]]
) -> None:
    await asyncio.gather(cut_off(rotate(database, BOTH, batch_rows=1), database), return_exceptions=True)
    halfway = await entries_per_key(database)

    for entries in people:  # in between both keys are needed, and nothing is lost
        assert await read(database, BOTH, entries) == set(A_RECIPIENT)
    done = await rotate(database, BOTH, batch_rows=4)

    assert 0 < done.resealed < PEOPLE * len(A_RECIPIENT)
    assert done.resealed == halfway.get("k1", 0) + halfway.get("h1", 0)
    assert set(await entries_per_key(database)) == {"k2", "h2"}


async def test_two_runs_at_once_reseal_everything_once(database: Database, people: list[Mapping[Kind, Entry]]) -> None:
    runs = await asyncio.gather(*(rotate(database, BOTH, batch_rows=3) for _ in range(2)))
    rest = await rotate(database, BOTH)

    assert sum(run.resealed for run in (*runs, rest)) == PEOPLE * len(A_RECIPIENT)
    for entries in people:
        assert await read(database, NEW, entries) == set(A_RECIPIENT)


async def test_a_damaged_entry_is_named_and_left_and_the_others_go_on(
    database: Database, people: list[Mapping[Kind, Entry]]
) -> None:
    broken = people[2][Kind.NAME].id
    async with database.transaction() as work:
        await work.connection.execute(
            text("UPDATE vault_entries SET ciphertext = ciphertext || '\\x00' WHERE id = :id"), {"id": broken}
        )

    done = await rotate(database, BOTH, batch_rows=2)

    assert (done.resealed, done.damaged) == (PEOPLE * len(A_RECIPIENT) - 1, [broken])
    assert await entries_under_key(database, "k1") == 1


async def test_a_key_may_be_dropped_only_when_it_locks_nothing(
    database: Database, people: list[Mapping[Kind, Entry]]
) -> None:
    assert await entries_under_key(database, "k1") == PEOPLE * 4
    assert await missing_keys(database, NEW) == {"k1", "h1"}
    assert await missing_keys(database, BOTH) == set()

    await rotate(database, BOTH)

    assert await entries_under_key(database, "k1") == 0
    assert await missing_keys(database, NEW) == set()


async def test_without_the_old_key_nothing_is_resealed_and_all_of_it_is_named(
    database: Database, people: list[Mapping[Kind, Entry]]
) -> None:
    before = await rows(database, "vault_entries")

    done = await rotate(database, NEW, batch_rows=4)

    assert (done.resealed, len(done.damaged)) == (0, PEOPLE * len(A_RECIPIENT))
    assert await rows(database, "vault_entries") == before


async def test_what_has_only_a_hash_left_needs_no_key(database: Database) -> None:
    await closed_days_ago(database, OLD, a_reporter(), 900)
    async with database.transaction() as work:
        await work.connection.execute(
            text("UPDATE vault_entries SET key_id = NULL, nonce = NULL, ciphertext = NULL, emptied_at = now()")
        )

    assert await entries_per_key(database) == {}
    assert (await rotate(database, BOTH)).resealed == 0
