"""Does a consent open what it covers, and does its end close or delete it?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest

from intake.vault.consents import (
    Consent,
    ConsentChannel,
    Withdrawal,
    add_consent,
    all_consents,
    consents_in_force,
    withdraw_consent,
)
from intake.vault.deletions import delete_due
from intake.vault.entries import Kind
from intake.vault.keys import VaultKeys
from intake.vault.pulls import PullRequest, pull
from intake.vault.purposes import Actor, ConsentScope, NotAllowed
from intake.vault.retention import load_retention
from intake.vault.sealing import Entry
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW
from tests.intake.vault.builders import COMMUNITY, COURIER, a_person, keep, put_case, rows

LATER = NOW + timedelta(hours=1)


async def an_errand(database: Database, keys: VaultKeys) -> Mapping[Kind, Entry]:
    person = a_person()
    await put_case(database, person.case_id, CaseState.HANDLING)
    return await keep(database, keys, person)


async def consent_to(database: Database, scope: ConsentScope) -> UUID:
    [row] = [row for row in await rows(database, "vault_consents") if row["scope"] == scope]
    found: UUID = row["id"]
    return found


async def withdraw(database: Database, consent_id: UUID) -> Withdrawal:
    async with database.transaction() as work:
        return await withdraw_consent(work.connection, consent_id, at=LATER)


async def give(database: Database, owner_id: UUID, scope: ConsentScope, version: str = "v2") -> None:
    async with database.transaction() as work:
        await add_consent(work.connection, Consent(new_id(), owner_id, scope, version, ConsentChannel.PAPER, LATER))


async def answer(database: Database, keys: VaultKeys, entry: Entry, purpose: str, actor: Actor) -> str:
    try:
        await pull(database, keys, PullRequest((entry.id,), purpose, actor, entry.case_id, LATER))
    except NotAllowed as refused:
        return refused.reason
    return "allowed"


async def test_a_withdrawn_consent_deletes_the_medicine_list_at_once_and_registers_it(
    database: Database, keys: VaultKeys
) -> None:
    errand = await an_errand(database, keys)

    done = await withdraw(database, await consent_to(database, ConsentScope.MEDICINES))

    assert done == Withdrawal([errand[Kind.MEDICINES].id], [])
    assert await answer(database, keys, errand[Kind.MEDICINES], "deliver_errand", COURIER) == "no_such_entry"
    [row] = await rows(database, "vault_deletions")
    assert (row["entry_id"], row["kind"], row["rule"], row["deleted_at"]) == (
        errand[Kind.MEDICINES].id, "medicines", "consent_withdrawn", LATER,
    )  # fmt: skip
    assert await answer(database, keys, errand[Kind.NAME], "deliver_errand", COURIER) == "allowed"


async def test_a_withdrawn_consent_to_the_errand_locks_name_and_door_for_everybody(
    database: Database, keys: VaultKeys
) -> None:
    errand = await an_errand(database, keys)

    done = await withdraw(database, await consent_to(database, ConsentScope.ERRAND))

    assert set(done.locked) == {entry.id for kind, entry in errand.items() if kind is not Kind.MEDICINES}
    assert await answer(database, keys, errand[Kind.NAME], "deliver_errand", COURIER) == "locked"
    assert await answer(database, keys, errand[Kind.NAME], "care", COMMUNITY) == "locked"
    assert await rows(database, "vault_deletions") == []


async def test_what_is_locked_goes_as_soon_as_the_case_is_closed(database: Database, keys: VaultKeys) -> None:
    errand = await an_errand(database, keys)
    await withdraw(database, await consent_to(database, ConsentScope.ERRAND))
    assert await delete_due(database, load_retention(), at=LATER) == {}

    await put_case(database, errand[Kind.NAME].case_id, CaseState.CLOSED, at=LATER)

    assert await delete_due(database, load_retention(), at=LATER) == {"consent_withdrawn": 4}
    assert [row["kind"] for row in await rows(database, "vault_entries")] == ["medicines"]


async def test_a_consent_is_withdrawn_once(database: Database, keys: VaultKeys) -> None:
    await an_errand(database, keys)
    consent_id = await consent_to(database, ConsentScope.MEDICINES)
    await withdraw(database, consent_id)

    async with database.transaction() as work:
        again = await withdraw_consent(work.connection, consent_id, at=LATER + timedelta(days=1))

    assert again == Withdrawal((), ())
    [row] = [row for row in await rows(database, "vault_consents") if row["id"] == consent_id]
    assert row["withdrawn_at"] == LATER


async def test_a_consent_that_is_given_again_opens_what_was_locked(database: Database, keys: VaultKeys) -> None:
    errand = await an_errand(database, keys)
    await withdraw(database, await consent_to(database, ConsentScope.ERRAND))

    await give(database, errand[Kind.NAME].owner_id, ConsentScope.ERRAND)

    assert await answer(database, keys, errand[Kind.NAME], "deliver_errand", COURIER) == "allowed"
    async with database.transaction() as work:
        history = await all_consents(work.connection, [errand[Kind.NAME].owner_id])
    assert [row["text_version"] for row in history if row["scope"] == "errand"] == ["v1", "v2"]


async def test_a_consent_that_is_in_force_is_not_given_twice(database: Database, keys: VaultKeys) -> None:
    errand = await an_errand(database, keys)

    with pytest.raises(Rejected, match="scope: consent for errand is in force already"):
        await give(database, errand[Kind.NAME].owner_id, ConsentScope.ERRAND)


async def test_a_consent_that_is_not_there_cannot_be_withdrawn(database: Database) -> None:
    with pytest.raises(Rejected, match="not_found: there is no consent"):
        await withdraw(database, new_id())


async def test_each_owner_has_consents_of_their_own(database: Database, keys: VaultKeys) -> None:
    one, other = a_person(), a_person()
    await keep(database, keys, one)
    await keep(database, keys, other, consents=frozenset({ConsentScope.MEDICINES}))

    async with database.transaction() as work:
        found = await consents_in_force(work.connection, [one.owner_id, other.owner_id, one.case_id])

    assert found == {one.owner_id: set(ConsentScope), other.owner_id: {ConsentScope.MEDICINES}, one.case_id: set()}
