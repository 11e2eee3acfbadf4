"""Is personal data given out to whom the table says, all or nothing, and is every look written down?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intake.vault.entries import Kind, Value
from intake.vault.keys import VaultKeys
from intake.vault.pulls import PullRequest, masked_entries, pull
from intake.vault.purposes import Actor, NotAllowed
from intake.vault.sealing import Entry
from intake.vault.store import audit_of, move_report
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW
from tests.intake.vault.builders import (
    A_RECIPIENT,
    COMMUNITY,
    COURIER,
    OPERATOR,
    a_person,
    a_reporter,
    keep,
    put_case,
    rows,
    some_keys,
)


def asks(entries: Mapping[Kind, Entry], purpose: str, actor: Actor, **changes: Any) -> PullRequest:
    ids = tuple(entry.id for entry in entries.values())
    request = PullRequest(ids, purpose, actor, next(iter(entries.values())).case_id, NOW)
    return replace(request, **changes)


async def an_errand(database: Database, keys: VaultKeys, state: CaseState = CaseState.HANDLING) -> Mapping[Kind, Entry]:
    person = a_person()
    await put_case(database, person.case_id, state)
    return await keep(database, keys, person)


async def refusal(database: Database, keys: VaultKeys, request: PullRequest) -> str:
    with pytest.raises(NotAllowed) as refused:
        await pull(database, keys, request)
    return refused.value.reason


async def test_the_accepted_courier_gets_everything_and_each_look_is_written_down(
    database: Database, keys: VaultKeys
) -> None:
    errand = await an_errand(database, keys)

    values = await pull(database, keys, asks(errand, "deliver_errand", COURIER))

    assert set(values.values()) == set(A_RECIPIENT)
    audit = await rows(database, "vault_audit")
    assert {row["entry_id"]: row["kind"] for row in audit} == {entry.id: kind for kind, entry in errand.items()}
    name = errand[Kind.NAME]
    [look] = [dict(row) for row in audit if row["entry_id"] == name.id]
    del look["id"]
    assert look == {
        "at": NOW,
        "actor": "courier_7",
        "role": "courier",
        "purpose": "deliver_errand",
        "case_id": name.case_id,
        "entry_id": name.id,
        "owner_id": name.owner_id,
        "kind": "name",
        "is_allowed": True,
        "reason": "allowed",
        "correlation_id": None,
    }


async def test_one_refused_entry_refuses_all_and_the_audit_says_which(database: Database, keys: VaultKeys) -> None:
    errand = await an_errand(database, keys)
    other = await an_errand(database, keys)
    request = asks(errand, "deliver_errand", COURIER)

    reason = await refusal(database, keys, replace(request, entry_ids=(*request.entry_ids, other[Kind.NAME].id)))

    assert reason == "other_case"
    reasons = {row["entry_id"]: row["reason"] for row in await rows(database, "vault_audit")}
    assert reasons.pop(other[Kind.NAME].id) == "other_case"
    assert set(reasons.values()) == {"refused_with_others"}
    assert not any(row["is_allowed"] for row in await rows(database, "vault_audit"))


@pytest.mark.parametrize(
    ("state", "actor", "purpose", "reason"),
    [
        (CaseState.DISPATCHED, COURIER, "deliver_errand", "too_early"),
        (CaseState.CHECKING, COURIER, "deliver_errand", "too_late"),
        (CaseState.HANDLING, replace(COURIER, name="courier_8"), "deliver_errand", "not_the_accepted_courier"),
        (CaseState.HANDLING, replace(COMMUNITY, zones=frozenset()), "care", "outside_own_zones"),
        (CaseState.HANDLING, OPERATOR, "call_back", "not_for_this_purpose"),
        (CaseState.HANDLING, COURIER, "curiosity", "not_for_this_purpose"),
    ],
)
async def test_every_refusal_is_written_down(
    database: Database, keys: VaultKeys, state: CaseState, actor: Actor, purpose: str, reason: str
) -> None:
    errand = {Kind.NAME: (await an_errand(database, keys, state))[Kind.NAME]}

    assert await refusal(database, keys, asks(errand, purpose, actor)) == reason

    [look] = await rows(database, "vault_audit")
    assert (look["actor"], look["purpose"], look["is_allowed"], look["reason"]) == (actor.name, purpose, False, reason)


async def test_a_look_at_what_is_not_there_is_written_down_too(database: Database, keys: VaultKeys) -> None:
    ids = (new_id(),)

    assert await refusal(database, keys, PullRequest(ids, "care", COMMUNITY, new_id(), NOW)) == "no_such_entry"

    [look] = await rows(database, "vault_audit")
    assert (look["entry_id"], look["reason"], look["kind"]) == (ids[0], "no_such_entry", None)


async def test_without_consent_nothing_is_given_out(database: Database, keys: VaultKeys) -> None:
    person = a_person(values=A_RECIPIENT[:2])
    await put_case(database, person.case_id, CaseState.HANDLING)
    entries = await keep(database, keys, person, consents=frozenset())

    assert await refusal(database, keys, asks(entries, "deliver_errand", COURIER)) == "no_consent"
    assert len(await pull(database, keys, asks(entries, "care", COMMUNITY))) == 2


async def test_an_entry_that_is_asked_for_twice_is_one_look(database: Database, keys: VaultKeys) -> None:
    errand = {Kind.NAME: (await an_errand(database, keys))[Kind.NAME]}
    request = asks(errand, "deliver_errand", COURIER)

    await pull(database, keys, replace(request, entry_ids=request.entry_ids * 3))

    assert len(await rows(database, "vault_audit")) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE vault_entries SET ciphertext = ciphertext || '\\x00' WHERE kind = 'phone'",
        "UPDATE vault_entries SET nonce = '\\x000000000000000000000000' WHERE kind = 'phone'",
        "UPDATE vault_entries SET key_id = 'gone' WHERE kind = 'phone'",
        "UPDATE vault_entries SET kind = 'contact' WHERE kind = 'phone'",
        "UPDATE vault_entries SET owner_id = gen_random_uuid() WHERE kind = 'phone'",
        # The name's sealed value put into the phone's row.
        "UPDATE vault_entries e SET nonce = n.nonce, ciphertext = n.ciphertext FROM vault_entries n "
        "WHERE e.kind = 'phone' AND n.kind = 'name'",
    ],
)
async def test_what_somebody_changed_in_the_database_is_not_given_out(
    database: Database, keys: VaultKeys, damage: str
) -> None:
    person = a_person(values=A_RECIPIENT[:2])
    await put_case(database, person.case_id, CaseState.HANDLING)
    errand = await keep(database, keys, person)
    async with database.transaction() as work:
        await work.connection.execute(text(damage))
    request = asks(errand, "care", COMMUNITY)

    assert await refusal(database, keys, request) == "cannot_open"

    assert {row["reason"] for row in await rows(database, "vault_audit")} == {"cannot_open", "refused_with_others"}


async def test_a_wrong_key_gives_nothing_and_is_written_down(database: Database, keys: VaultKeys) -> None:
    errand = {Kind.NAME: (await an_errand(database, keys))[Kind.NAME]}
    wrong = replace(keys, general=replace(keys.general, keys={"k1": bytes(32)}))

    assert await refusal(database, wrong, asks(errand, "deliver_errand", COURIER)) == "cannot_open"
    assert await refusal(database, some_keys("k2"), asks(errand, "deliver_errand", COURIER)) == "cannot_open"
    assert len(await rows(database, "vault_audit")) == 2


async def test_a_look_that_cannot_be_written_down_does_not_take_place(database: Database, keys: VaultKeys) -> None:
    errand = await an_errand(database, keys)
    async with database.transaction() as work:
        await work.connection.execute(text("ALTER TABLE vault_audit ADD CHECK (actor <> 'courier_7')"))
    try:
        with pytest.raises(Exception, match="vault_audit"):
            await pull(database, keys, asks(errand, "deliver_errand", COURIER))
    finally:
        async with database.transaction() as work:
            await work.connection.execute(text("ALTER TABLE vault_audit DROP CONSTRAINT vault_audit_actor_check"))


@pytest.mark.parametrize("table", ["vault_audit", "vault_deletions"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET kind = 'x'", "DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET kind = 'x' WHERE false"]
)
async def test_what_is_written_down_can_be_neither_changed_nor_deleted(
    database: Database, keys: VaultKeys, table: str, change: str
) -> None:
    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        async with database.transaction() as work:
            await work.connection.execute(text(change.format(table)))


async def test_fifty_couriers_at_once_leave_fifty_looks(database: Database, keys: VaultKeys) -> None:
    errand = {Kind.NAME: (await an_errand(database, keys))[Kind.NAME]}
    right, wrong = COURIER, replace(COURIER, name="courier_8")

    async def ask(actor: Actor) -> Mapping[UUID, Value] | NotAllowed:
        try:
            return await pull(database, keys, asks(errand, "deliver_errand", actor))
        except NotAllowed as refused:
            return refused

    answers = await asyncio.gather(*(ask(actor) for actor in [right, wrong] * 25))

    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 25
    looks = await audit_of(database, errand[Kind.NAME].id, before=None, limit=200)
    assert sum(look["is_allowed"] for look in looks) == 25
    assert len(looks) == 50


async def test_a_report_that_moves_takes_its_entries_to_the_new_case(database: Database, keys: VaultKeys) -> None:
    errand = await an_errand(database, keys)
    new_case = new_id()
    async with database.transaction() as work:
        await move_report(work.connection, report_id=errand[Kind.NAME].report_id, case_id=new_case)

    assert await refusal(database, keys, asks(errand, "care", COMMUNITY)) == "other_case"
    assert len(await pull(database, keys, asks(errand, "care", COMMUNITY, case_id=new_case))) == len(errand)


async def test_the_masks_are_shown_to_those_who_may_pull_and_say_for_what(database: Database, keys: VaultKeys) -> None:
    errand = await an_errand(database, keys)
    case_id = errand[Kind.NAME].case_id

    shown = await masked_entries(database, keys, case_id=case_id, actor=COURIER)

    assert {entry.kind: (entry.mask, entry.purposes) for entry in shown} == {
        Kind.NAME: ("张**", ["deliver_errand"]),
        Kind.PHONE: ("138****5678", ["deliver_errand"]),
        Kind.HOUSE_NUMBER: ("***", ["deliver_errand"]),
        Kind.FREE_TEXT: ("***", ["deliver_errand"]),
        Kind.MEDICINES: ("药品 2 种", ["deliver_errand"]),
    }
    assert await rows(database, "vault_audit") == []
    for stranger in (replace(COURIER, name="courier_8"), replace(COMMUNITY, zones=frozenset()), Actor("x", "patrol")):
        assert await masked_entries(database, keys, case_id=case_id, actor=stranger) == []


async def test_a_confidential_reporter_is_masked_whole_and_a_damaged_entry_too(
    database: Database, keys: VaultKeys
) -> None:
    hidden, open_ = a_reporter(is_confidential=True), a_reporter()
    for person in (hidden, open_):
        await keep(database, keys, person, consents=frozenset())

    masks = await masked_entries(database, keys, case_id=hidden.case_id, actor=OPERATOR)
    broken = await masked_entries(database, some_keys("k2"), case_id=open_.case_id, actor=OPERATOR)

    assert {(entry.mask, tuple(entry.purposes)) for entry in masks} == {("保密", ("call_back", "subject_request"))}
    assert {entry.mask for entry in broken} == {"***"}


async def test_the_audit_of_an_entry_comes_page_by_page(database: Database, keys: VaultKeys) -> None:
    errand = {Kind.NAME: (await an_errand(database, keys))[Kind.NAME]}
    for minute in range(5):
        await pull(database, keys, asks(errand, "care", COMMUNITY, at=NOW + timedelta(minutes=minute)))
    entry_id = errand[Kind.NAME].id

    first = await audit_of(database, entry_id, before=None, limit=3)
    second = await audit_of(database, entry_id, before=first[-1]["id"], limit=3)

    assert [look["at"].minute for look in (*first, *second)] == [4, 3, 2, 1, 0]
