"""Does the vault answer over HTTP as its table says, with a status and reason for every refusal?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from uuid import UUID

import pytest

from intake.vault.entries import Kind
from intake.vault.keys import VaultKeys
from intake.vault.purposes import Actor
from intake.vault.sealing import Entry
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState
from tests.asgi import Answer, Api
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
)
from tests.intake.vault.callers import as_

ADMIN, PATROL = Actor("root", "admin"), Actor("patrol_3", "patrol")
SUBJECT = {"phone": "+86 138 0000 5678", "proof": "called_back"}


@pytest.fixture
async def errand(vault: Api, database: Database, keys: VaultKeys) -> Mapping[Kind, Entry]:
    person = a_person()
    await put_case(database, person.case_id, CaseState.HANDLING)
    return await keep(database, keys, person)


async def pull(api: Api, errand: Mapping[Kind, Entry], actor: Actor, purpose: str) -> Answer:
    ids = [str(entry.id) for entry in errand.values()]
    body = {"entry_ids": ids, "purpose": purpose, "case_id": str(errand[Kind.NAME].case_id)}
    return await api.post("/v1/vault/pull", body, as_(actor))


def consent_body(owner_id: UUID, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"owner_id": str(owner_id), "scope": "errand", "text_version": "v2", "channel": "paper", **(changes or {})}


async def test_the_courier_pulls_what_the_errand_needs(vault: Api, errand: Mapping[Kind, Entry]) -> None:
    answer = await pull(vault, errand, COURIER, "deliver_errand")

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    got = {entry["kind"]: entry["content"] for entry in answer.json()["entries"]}
    assert got == {value.kind: value.content for value in A_RECIPIENT}


async def test_a_pull_that_is_sent_again_is_looked_at_again_and_kept_nowhere(
    vault: Api, errand: Mapping[Kind, Entry], database: Database
) -> None:
    for _ in range(2):
        await pull(vault, errand, COURIER, "deliver_errand")

    assert len(await rows(database, "vault_audit")) == 2 * len(A_RECIPIENT)
    assert await rows(database, "idempotency") == []


@pytest.mark.parametrize(
    ("actor", "purpose", "reason"),
    [
        (Actor("courier_8", "courier"), "deliver_errand", "not_the_accepted_courier"),
        (Actor("c", "community"), "care", "outside_own_zones"),
        (PATROL, "care", "not_for_this_purpose"),
        (COURIER, "curiosity", "not_for_this_purpose"),
    ],
)
async def test_a_refused_pull_is_a_403_with_its_reason(
    vault: Api, errand: Mapping[Kind, Entry], actor: Actor, purpose: str, reason: str
) -> None:
    answer = await pull(vault, errand, actor, purpose)

    assert (answer.status, answer.problem) == (403, reason)


async def test_an_entry_that_is_not_there_is_refused_like_any_other(vault: Api) -> None:
    body = {"entry_ids": [str(new_id())], "purpose": "care", "case_id": str(new_id())}

    answer = await vault.post("/v1/vault/pull", body, as_(COMMUNITY))

    assert (answer.status, answer.problem) == (403, "no_such_entry")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"entry_ids": []}, "entry_ids"),
        ({"entry_ids": [str(UUID(int=1))] * 51}, "entry_ids"),
        ({"entry_ids": ["x"]}, "entry_ids.0"),
        ({"purpose": "Care"}, "purpose"),
        ({"purpose": "a" * 65}, "purpose"),
        ({"case_id": None}, "case_id"),
        ({"more": 1}, "more"),
    ],
)
async def test_a_bad_pull_is_refused_by_field(vault: Api, changes: Mapping[str, object], field: str) -> None:
    body = {"entry_ids": [str(UUID(int=1))], "purpose": "care", "case_id": str(UUID(int=1)), **changes}

    answer = await vault.post("/v1/vault/pull", body, as_(COMMUNITY))

    assert (answer.status, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


@pytest.mark.parametrize("path", ["pull", "export", "erase"])
async def test_a_megabyte_is_refused_with_the_limit(vault: Api, path: str) -> None:
    answer = await vault.post(f"/v1/vault/{path}", {**SUBJECT, "phone": "1" * 1024 * 1024}, as_(OPERATOR))

    assert (answer.status, answer.problem) == (413, "body_too_large")
    assert "1048576" in answer.json()["detail"]


async def test_the_masks_say_what_may_be_pulled(vault: Api, errand: Mapping[Kind, Entry]) -> None:
    answer = await vault.get(f"/v1/vault/entries?case={errand[Kind.NAME].case_id}", as_(COMMUNITY))

    masks = {entry["kind"]: entry["mask"] for entry in answer.json()["entries"]}
    assert masks["name"] == "张**"
    assert {entry["entry_id"] for entry in answer.json()["entries"]} == {str(entry.id) for entry in errand.values()}


async def test_the_audit_is_shown_page_by_page_to_those_who_watch(vault: Api, errand: Mapping[Kind, Entry]) -> None:
    for _ in range(3):
        await pull(vault, errand, COURIER, "deliver_errand")
    target = f"/v1/vault/audit?entry={errand[Kind.NAME].id}&limit=2"

    first = await vault.get(target, as_(ADMIN))
    second = await vault.get(f"{target}&before={first.json()['next_before']}", as_(ADMIN))

    assert [len(page.json()["looks"]) for page in (first, second)] == [2, 1]
    assert second.json()["next_before"] is None
    look = second.json()["looks"][0]
    assert (look["actor"], look["purpose"], look["is_allowed"]) == ("courier_7", "deliver_errand", True)
    assert look["correlation_id"]
    refused = await vault.get(target, as_(COURIER))
    assert (refused.status, refused.problem) == (403, "not_for_this_role")


async def test_a_person_gets_their_data_as_one_document(vault: Api, errand: Mapping[Kind, Entry]) -> None:
    answer = await vault.post("/v1/vault/export", SUBJECT, as_(OPERATOR))

    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert len(answer.json()["entries"]) == len(A_RECIPIENT)
    assert answer.json()["report_ids"] == [str(errand[Kind.NAME].report_id)]


async def test_who_serves_no_person_is_refused_an_export_and_an_erasure(
    vault: Api, errand: Mapping[Kind, Entry], database: Database
) -> None:
    for path in ("export", "erase"):
        answer = await vault.post(f"/v1/vault/{path}", SUBJECT, as_(COURIER))
        assert (answer.status, answer.problem) == (403, "not_for_this_purpose")

    assert len(await rows(database, "vault_audit")) == 2


async def test_nobody_and_somebody_among_several_are_told_apart(
    vault: Api, errand: Mapping[Kind, Entry], database: Database, keys: VaultKeys
) -> None:
    await keep(database, keys, a_reporter(values=(A_REPORTER[0], A_RECIPIENT[1])), consents=frozenset())

    nobody = await vault.post("/v1/vault/export", {**SUBJECT, "phone": "13911112222"}, as_(OPERATOR))
    several = await vault.post("/v1/vault/export", SUBJECT, as_(OPERATOR))

    assert (nobody.status, nobody.problem) == (404, "not_found")
    assert (several.status, several.problem) == (422, "several_people")


async def test_an_erasure_that_is_sent_again_gets_the_same_answer_and_happens_once(
    vault: Api, database: Database, keys: VaultKeys
) -> None:
    await closed_days_ago(database, keys, a_person(), 1)
    headers = as_(OPERATOR, **{"Idempotency-Key": "erase-1"})

    answers = await asyncio.gather(*(vault.post("/v1/vault/erase", SUBJECT, headers) for _ in range(4)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert len(await rows(database, "vault_deletions")) == len(A_RECIPIENT)
    for changed, who in (({**SUBJECT, "phone": "13911112222"}, OPERATOR), (SUBJECT, Actor("desk_2", "operator"))):
        other = await vault.post("/v1/vault/erase", changed, as_(who, **{"Idempotency-Key": "erase-1"}))
        assert (other.status, other.problem) == (409, "idempotency_conflict")


async def test_an_erasure_is_refused_while_a_legal_period_runs(vault: Api, database: Database, keys: VaultKeys) -> None:
    await closed_days_ago(database, keys, a_reporter(), 1)

    answer = await vault.post("/v1/vault/erase", {**SUBJECT, "phone": "13900001234"}, as_(OPERATOR))

    assert (answer.status, answer.problem) == (409, "legal_period")
    assert "the case may be reopened until" in answer.json()["detail"]
    assert len(await rows(database, "vault_entries")) == len(A_REPORTER)
    assert {row["is_allowed"] for row in await rows(database, "vault_audit")} == {False}


async def test_a_consent_is_given_withdrawn_and_given_again(
    vault: Api, errand: Mapping[Kind, Entry], database: Database
) -> None:
    owner_id = errand[Kind.NAME].owner_id
    [first] = [row for row in await rows(database, "vault_consents") if row["scope"] == "errand"]

    ended = await vault.call("DELETE", f"/v1/consents/{first['id']}", headers=as_(COMMUNITY))
    between = await pull(vault, errand, COURIER, "deliver_errand")
    given = await vault.post("/v1/consents", consent_body(owner_id), as_(COMMUNITY))
    afterwards = await pull(vault, errand, COURIER, "deliver_errand")

    assert (ended.status, len(ended.json()["locked"])) == (200, 4)
    assert (between.status, between.problem) == (403, "locked")
    assert (given.status, afterwards.status) == (201, 200)


async def test_a_consent_that_is_sent_again_is_kept_once(vault: Api, database: Database, keys: VaultKeys) -> None:
    person = a_person(values=A_RECIPIENT[:2])
    await keep(database, keys, person, consents=frozenset())
    headers = as_(OPERATOR, **{"Idempotency-Key": "consent-1"})

    answers = await asyncio.gather(
        *(vault.post("/v1/consents", consent_body(person.owner_id), headers) for _ in range(4))
    )

    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert len(await rows(database, "vault_consents")) == 1


@pytest.mark.parametrize(
    ("changes", "actor", "status", "kind"),
    [
        ({"owner_id": str(UUID(int=7))}, OPERATOR, 404, "not_found"),
        ({}, OPERATOR, 409, "wrong_state"),
        ({}, COURIER, 403, "not_for_this_role"),
        ({"scope": "everything"}, OPERATOR, 422, "invalid"),
        ({"channel": "pigeon"}, OPERATOR, 422, "invalid"),
        ({"text_version": "张三说好"}, OPERATOR, 422, "invalid"),
    ],
)
async def test_a_consent_that_cannot_be_is_refused(
    vault: Api, errand: Mapping[Kind, Entry], changes: Mapping[str, str], actor: Actor, status: int, kind: str
) -> None:
    answer = await vault.post("/v1/consents", consent_body(errand[Kind.NAME].owner_id, changes), as_(actor))

    assert (answer.status, answer.problem) == (status, kind)


@pytest.mark.parametrize(
    ("consent_id", "actor", "status", "kind"),
    [
        (str(UUID(int=7)), OPERATOR, 404, "not_found"),
        ("seven", OPERATOR, 422, "invalid"),
        (str(UUID(int=7)), COURIER, 403, "not_for_this_role"),
    ],
)
async def test_a_consent_that_is_not_there_is_not_withdrawn(
    vault: Api, consent_id: str, actor: Actor, status: int, kind: str
) -> None:
    answer = await vault.call("DELETE", f"/v1/consents/{consent_id}", headers=as_(actor))

    assert (answer.status, answer.problem) == (status, kind)


async def test_pulls_are_counted_by_purpose_and_result_and_foreign_words_are_not(
    vault: Api, errand: Mapping[Kind, Entry]
) -> None:
    await pull(vault, errand, COURIER, "deliver_errand")
    await pull(vault, errand, COURIER, "zhang_wei_lives_here")

    metrics = (await vault.get("/metrics")).body.decode()

    assert 'grid_vault_pulls_total{purpose="deliver_errand",result="allowed"} 1.0' in metrics
    assert 'grid_vault_pulls_total{purpose="unknown",result="not_for_this_purpose"} 1.0' in metrics
    assert "zhang_wei" not in metrics


async def test_the_document_of_the_api_shows_every_call_and_its_refusals(vault: Api) -> None:
    document = (await vault.get("/openapi.json")).json()

    paths = document["paths"]
    assert set(paths) >= {
        "/v1/vault/pull", "/v1/vault/entries", "/v1/vault/audit", "/v1/vault/export", "/v1/vault/erase",
        "/v1/consents", "/v1/consents/{consent_id}",
    }  # fmt: skip
    assert all("403" in call["responses"] for path, calls in paths.items() if "v1" in path for call in calls.values())
    assert "parameters" not in paths["/v1/vault/pull"]["post"]
    assert {"PullForm", "SubjectForm", "ConsentForm", "Problem"} <= set(document["components"]["schemas"])
