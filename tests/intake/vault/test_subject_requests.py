"""Does a person get everything that is kept of them, and gets rid of what the law lets go?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from intake.vault.deletions import delete_due
from intake.vault.entries import Kind, Name, Phone
from intake.vault.fingerprints import phone_fingerprint
from intake.vault.keys import VaultKeys
from intake.vault.pulls import PullRequest, pull
from intake.vault.purposes import NotAllowed
from intake.vault.retention import load_retention
from intake.vault.store import reports_by_phone
from intake.vault.subject_requests import (
    Erasure,
    Proof,
    SubjectRequest,
    choose_owners,
    erase_person,
    export_person,
)
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW
from tests.intake.vault.builders import (
    A_RECIPIENT,
    A_REPORTER,
    COMMUNITY,
    COURIER,
    OPERATOR,
    a_person,
    a_reporter,
    closed_days_ago,
    keep,
    put_case,
    rows,
    some_keys,
)

PHONE = Phone("+86 138-0000-5678")


def wish(**changes: Any) -> SubjectRequest:
    return replace(SubjectRequest(PHONE, None, Proof.ID_CARD_SEEN, OPERATOR, NOW), **changes)


async def export(database: Database, keys: VaultKeys, request: SubjectRequest) -> Mapping[str, Any] | Rejected:
    async with database.transaction() as work:
        return await export_person(work.connection, keys, request)


async def erase(database: Database, keys: VaultKeys, request: SubjectRequest) -> Erasure | Rejected:
    async with database.transaction() as work:
        return await erase_person(work.connection, keys, request)


async def test_a_person_gets_entries_reports_consents_and_who_read_them(database: Database, keys: VaultKeys) -> None:
    people = [a_person(), a_person()]
    for person in people:
        await put_case(database, person.case_id, CaseState.HANDLING)
        entries = await keep(database, keys, person)
    await keep(database, keys, a_reporter(), consents=frozenset())
    await pull(database, keys, PullRequest((entries[Kind.NAME].id,), "deliver_errand", COURIER, person.case_id, NOW))

    document = await export(database, keys, wish())

    assert isinstance(document, Mapping)
    contents = [value.content for value in A_RECIPIENT]
    assert len(document["entries"]) == 2 * len(contents)
    assert all(entry["content"] in contents for entry in document["entries"])
    assert document["report_ids"] == sorted(person.report_id for person in people)
    assert sorted(row["scope"] for row in document["consents"]) == ["errand", "errand", "medicines", "medicines"]
    readers = [(look["actor"], look["purpose"]) for look in document["read_by"]]
    assert readers[0] == ("courier_7", "deliver_errand")
    assert readers[1:] == [("desk_1", "subject_request")] * 10


async def test_reports_are_found_by_phone_without_any_key_but_the_one_for_looking_up(
    database: Database, keys: VaultKeys
) -> None:
    person = a_person()
    await keep(database, keys, person)

    found = await reports_by_phone(database, phone_fingerprint(some_keys("other"), Phone("13800005678")))

    assert [dict(row) for row in found] == [
        {"owner_id": person.owner_id, "report_id": person.report_id, "case_id": person.case_id}
    ]


async def test_whoever_shares_a_phone_is_told_apart_by_name(database: Database, keys: VaultKeys) -> None:
    mother, child = a_person(), a_reporter(values=(Name("李试"), Phone("13800005678")))
    await keep(database, keys, mother)
    await keep(database, keys, child, consents=frozenset())

    unclear = await export(database, keys, wish())
    document = await export(database, keys, wish(name=Name(" 李 试 ".replace(" ", "\u200b"))))

    assert isinstance(unclear, Rejected)
    assert unclear.reason == "several_people"
    assert isinstance(document, Mapping)
    assert {entry["owner_id"] for entry in document["entries"]} == {child.owner_id}
    assert not any(isinstance(entry["content"], list) for entry in document["entries"])


A, B, C, D = (UUID(int=number) for number in range(4))


@pytest.mark.parametrize(
    ("found", "name", "chosen"),
    [
        ([], None, "not_found"),
        ([], b"x", "not_found"),
        ([(A, b"x"), (B, b"x")], None, [A, B]),
        ([(A, b"x"), (B, None)], None, [A, B]),
        ([(A, b"x"), (B, None)], b"x", [A, B]),
        ([(A, b"x"), (B, None)], b"y", "not_found"),
        ([(A, None), (B, None)], None, [A, B]),
        ([(A, None)], b"x", "not_found"),
        ([(A, b"x"), (B, b"y"), (C, None)], None, "several_people"),
        ([(A, b"x"), (B, b"y"), (C, None), (D, b"x")], b"x", [A, D]),
    ],
)
def test_a_phone_and_a_name_mean_these_and_no_others(
    found: list[tuple[UUID, bytes | None]], name: bytes | None, chosen: object
) -> None:
    answer = choose_owners(found, name)

    assert (answer.reason if isinstance(answer, Rejected) else answer) == chosen


@pytest.mark.parametrize("actor", [COURIER, COMMUNITY])
async def test_who_serves_no_such_requests_learns_nothing_and_leaves_a_trace(
    database: Database, keys: VaultKeys, actor: Any
) -> None:
    await keep(database, keys, a_person())

    for act in (export, erase):
        refused = await act(database, keys, wish(actor=actor))
        assert isinstance(refused, NotAllowed)
        assert refused.reason == "not_for_this_purpose"

    looks = await rows(database, "vault_audit")
    assert [(row["actor"], row["is_allowed"], row["entry_id"]) for row in looks] == [(actor.name, False, None)] * 2
    assert len(await rows(database, "vault_entries")) == len(A_RECIPIENT)


async def test_a_search_that_finds_nobody_leaves_a_trace_too(database: Database, keys: VaultKeys) -> None:
    refused = await export(database, keys, wish())

    assert isinstance(refused, Rejected)
    assert refused.reason == "not_found"
    assert [row["reason"] for row in await rows(database, "vault_audit")] == ["not_found"]


async def test_a_damaged_entry_is_told_of_and_does_not_hide_the_others(database: Database, keys: VaultKeys) -> None:
    await keep(database, keys, a_person())

    document = await export(database, some_keys("k1", health=("h2",)), wish())

    assert isinstance(document, Mapping)
    troubles = {entry["kind"]: entry["trouble"] for entry in document["entries"]}
    assert troubles.pop(Kind.MEDICINES) == "it cannot be opened"
    assert set(troubles.values()) == {None}


async def test_what_a_person_wants_gone_is_gone_and_registered(database: Database, keys: VaultKeys) -> None:
    entries = await closed_days_ago(database, keys, a_person(), 1)

    done = await erase(database, keys, wish())

    assert isinstance(done, Erasure)
    assert set(done.erased) == {entry.id for entry in entries.values()}
    assert done.kept == []
    assert await rows(database, "vault_entries") == []
    assert {row["rule"] for row in await rows(database, "vault_deletions")} == {"on_request"}
    assert {row["withdrawn_at"] for row in await rows(database, "vault_consents")} == {NOW}


async def test_what_an_open_case_needs_stays_with_its_reason_and_the_medicines_go(
    database: Database, keys: VaultKeys
) -> None:
    person = a_person()
    await put_case(database, person.case_id, CaseState.HANDLING)
    entries = await keep(database, keys, person)

    done = await erase(database, keys, wish())

    assert isinstance(done, Erasure)
    assert done.erased == [entries[Kind.MEDICINES].id]
    assert {kept.reason for kept in done.kept} == {"the case is still open"}
    assert {row["reason"] for row in await rows(database, "vault_audit")} == {
        "erased:id_card_seen",
        "not erased:the case is still open",
    }
    assert {row["withdrawn_at"] for row in await rows(database, "vault_consents")} == {None}


async def test_while_a_legal_period_runs_erasure_is_refused_with_the_reason(
    database: Database, keys: VaultKeys
) -> None:
    await closed_days_ago(database, keys, a_reporter(), 1)
    request = wish(phone=A_REPORTER[1])

    refused = await erase(database, keys, request)
    later = await erase(database, keys, replace(request, at=NOW + timedelta(days=2)))

    assert isinstance(refused, Rejected)
    assert refused.reason == "legal_period"
    assert "the case may be reopened until 2026-05-22" in refused.detail
    assert isinstance(later, Erasure)
    assert len(later.erased) == len(A_REPORTER)


async def test_a_person_of_whom_only_the_hash_is_left_can_have_it_erased(database: Database, keys: VaultKeys) -> None:
    await closed_days_ago(database, keys, a_reporter(), 900)
    await delete_due(database, load_retention(), at=NOW)
    request = wish(phone=A_REPORTER[1])
    document = await export(database, keys, request)
    await erase(database, keys, request)

    assert isinstance(document, Mapping)
    assert [entry["content"] for entry in document["entries"]] == [None, None]
    assert await rows(database, "vault_entries") == []
    assert [row["remainder"] for row in await rows(database, "vault_deletions")] == [
        "hash",
        "hash",
        "nothing",
        "nothing",
    ]


def test_a_request_does_not_show_whom_it_is_about() -> None:
    shown = repr(wish(name=Name("张试样")))

    assert "138" not in shown
    assert "张" not in shown
    assert "id_card_seen" in shown
