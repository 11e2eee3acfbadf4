"""Does everything go when its time is over, once, and nothing that an open case still needs?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from intake.vault.deletions import delete_due
from intake.vault.entries import Kind, Phone
from intake.vault.fingerprints import phone_fingerprint
from intake.vault.keys import VaultKeys
from intake.vault.retention import load_retention
from intake.vault.store import reports_by_phone
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW
from tests.intake.vault.builders import (
    A_RECIPIENT,
    A_REPORTER,
    a_person,
    a_reporter,
    closed_days_ago,
    keep,
    put_case,
    rows,
)


async def delete(database: Database, *, at: datetime = NOW, batch_rows: int = 500) -> Mapping[str, int]:
    return await delete_due(database, load_retention(), at=at, batch_rows=batch_rows)


async def kinds_left(database: Database) -> Counter[str]:
    return Counter(row["kind"] for row in await rows(database, "vault_entries"))


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (6.9, {"name", "phone", "house_number", "free_text", "medicines"}),
        (7.1, {"name", "phone", "house_number", "free_text"}),
        (29.9, {"name", "phone", "house_number", "free_text"}),
        (30.1, set()),
    ],
)
async def test_a_recipients_data_goes_after_its_days(
    database: Database, keys: VaultKeys, days: float, left: set[str]
) -> None:
    await closed_days_ago(database, keys, a_person(), days)

    await delete(database)

    assert set(await kinds_left(database)) == left


async def test_the_register_names_entry_rule_and_time_and_nothing_else(database: Database, keys: VaultKeys) -> None:
    entries = await closed_days_ago(database, keys, a_person(), 31)

    counts = await delete(database)

    register = await rows(database, "vault_deletions")
    assert {row["entry_id"]: row["rule"] for row in register} == {
        entry.id: f"recipient.{kind}" for kind, entry in entries.items()
    }
    assert {row["deleted_at"] for row in register} == {NOW}
    assert set(register[0].keys()) == {"id", "entry_id", "party", "kind", "rule", "remainder", "deleted_at"}
    assert counts == {f"recipient.{kind}": 1 for kind in entries}


async def test_of_a_reporter_only_the_hash_is_left_after_two_years_and_still_finds_the_report(
    database: Database, keys: VaultKeys
) -> None:
    person = a_reporter()
    await closed_days_ago(database, keys, person, 731)

    await delete(database)

    for row in await rows(database, "vault_entries"):
        assert (row["key_id"], row["nonce"], row["ciphertext"], row["emptied_at"]) == (None, None, None, NOW)
        assert row["fingerprint"] is not None
    found = await reports_by_phone(database, phone_fingerprint(keys, Phone("+86 139 0000 1234")))
    assert [row["report_id"] for row in found] == [person.report_id]
    assert {row["remainder"] for row in await rows(database, "vault_deletions")} == {"hash"}
    assert await delete(database, at=NOW + timedelta(days=999)) == {}


@pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.CLOSED}))
async def test_what_an_open_case_needs_is_never_deleted(database: Database, keys: VaultKeys, state: CaseState) -> None:
    person = a_person()
    await keep(database, keys, person, at=NOW - timedelta(days=4000))
    await put_case(database, person.case_id, state, at=NOW - timedelta(days=3999))

    assert await delete(database) == {}
    assert len(await rows(database, "vault_entries")) == len(A_RECIPIENT)


async def test_a_case_that_nothing_is_known_of_counts_as_open(database: Database, keys: VaultKeys) -> None:
    await keep(database, keys, a_person(), at=NOW - timedelta(days=4000))

    assert await delete(database) == {}


async def test_a_case_that_was_reopened_keeps_what_it_needs(database: Database, keys: VaultKeys) -> None:
    person = a_person()
    await closed_days_ago(database, keys, person, 100)
    await put_case(database, person.case_id, CaseState.PENDING_DISPATCH)

    assert await delete(database) == {}


async def test_a_case_that_is_being_reopened_in_this_moment_is_left_for_the_next_time(
    database: Database, keys: VaultKeys
) -> None:
    person = a_person()
    await closed_days_ago(database, keys, person, 100)

    async with database.transaction() as work:
        await work.connection.execute(text("UPDATE case_status SET state = 'pending_dispatch'"))
        during = await asyncio.wait_for(delete(database), 5)

    assert (during, await delete(database)) == ({}, {})
    assert len(await rows(database, "vault_entries")) == len(A_RECIPIENT)


async def test_a_late_entry_of_a_closed_case_has_its_full_time(database: Database, keys: VaultKeys) -> None:
    person = a_person()
    await put_case(database, person.case_id, CaseState.CLOSED, at=NOW - timedelta(days=100))
    await keep(database, keys, person, at=NOW - timedelta(days=1))

    assert await delete(database) == {}


@pytest.mark.parametrize("batch_rows", [1, 3, 500])
async def test_two_jobs_at_once_delete_and_register_everything_once(
    database: Database, keys: VaultKeys, batch_rows: int
) -> None:
    people = [a_person() for _ in range(12)] + [a_reporter() for _ in range(3)]
    for person in people:
        await closed_days_ago(database, keys, person, 800)

    jobs = await asyncio.gather(*(delete(database, batch_rows=batch_rows) for _ in range(2)))
    rest = await delete(database, batch_rows=batch_rows)

    total = 12 * len(A_RECIPIENT) + 3 * len(A_REPORTER)
    assert sum(sum(counts.values()) for counts in (*jobs, rest)) == total
    register = await rows(database, "vault_deletions")
    assert len({row["entry_id"] for row in register}) == len(register) == total
    assert await kinds_left(database) == {Kind.NAME: 3, Kind.PHONE: 3}


async def test_a_job_goes_in_short_steps_and_past_a_row_that_somebody_holds(
    database: Database, keys: VaultKeys
) -> None:
    held = (await closed_days_ago(database, keys, a_person(), 40))[Kind.NAME]
    await closed_days_ago(database, keys, a_person(), 40)

    async with database.transaction() as work:
        await work.connection.execute(text("SELECT 1 FROM vault_entries WHERE id = :id FOR SHARE"), {"id": held.id})
        during = await asyncio.wait_for(delete(database, batch_rows=2), 5)
    afterwards = await delete(database)

    assert sum(during.values()) == 2 * len(A_RECIPIENT) - 1
    assert afterwards == {"recipient.name": 1}
