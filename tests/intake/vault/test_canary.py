"""Is what the vault holds seen anywhere else: in a log, a metric, an error, an event, a table?

Every function and route is walked with values that nothing else has, and then every place is searched for them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import pytest
import structlog
from sqlalchemy import text

from intake.vault.consents import ConsentChannel
from intake.vault.deletions import delete_due
from intake.vault.entries import Kind
from intake.vault.keys import VaultKeys
from intake.vault.pulls import PullRequest, pull
from intake.vault.purposes import ConsentScope
from intake.vault.retention import load_retention
from intake.vault.rotation import rotate
from intake.vault.sealing import CannotOpen, Entry, open_entry
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import CaseState
from tests.asgi import Answer, Api
from tests.builders import NOW
from tests.intake.vault.builders import (
    COMMUNITY,
    COURIER,
    OPERATOR,
    a_person,
    a_reporter,
    closed_days_ago,
    keep,
    put_case,
    some_keys,
)
from tests.intake.vault.callers import as_
from tests.intake.vault.canary import HOUSE, MAIL, NAME, PHONE, RECIPIENT, REPORTER, WORDS, assert_no_canary
from tests.services import fetch

Logs = Sequence[Any]
SUBJECT = {"phone": PHONE, "name": NAME, "proof": "id_card_seen"}
# What a caller may send where it does not belong: each is refused, and none is repeated.
WRONG: list[tuple[str, str, object]] = [
    ("POST", "/v1/vault/pull", {"entry_ids": [NAME], "purpose": "care", "case_id": PHONE}),
    ("POST", "/v1/vault/pull", {"entry_ids": [], "purpose": WORDS, "case_id": MAIL}),
    ("POST", "/v1/vault/pull", f'{{"entry_ids": ["{NAME}'.encode()),
    ("POST", "/v1/vault/pull", NAME.encode("gb18030")),
    ("POST", "/v1/vault/export", {**SUBJECT, "phone": NAME}),
    ("POST", "/v1/vault/export", {**SUBJECT, "phone": f"{PHONE}\x00"}),
    ("POST", "/v1/vault/export", {**SUBJECT, "phone": PHONE * 20}),
    ("POST", "/v1/vault/export", {**SUBJECT, "name": f"{NAME}\x00"}),
    ("POST", "/v1/vault/export", {**SUBJECT, "name": NAME * 100}),
    ("POST", "/v1/vault/export", {**SUBJECT, "name": [NAME]}),
    ("POST", "/v1/vault/export", {**SUBJECT, "proof": WORDS}),
    ("POST", "/v1/vault/export", {**SUBJECT, "note": WORDS}),
    ("POST", "/v1/vault/export", json.dumps({**SUBJECT, "name": NAME + "\ud83d"}).encode()),
    ("POST", "/v1/vault/erase", {**SUBJECT, "phone": HOUSE}),
    ("POST", "/v1/vault/erase", {"phone": PHONE, "proof": NAME}),
    ("POST", "/v1/consents", {"owner_id": NAME, "scope": WORDS, "text_version": HOUSE, "channel": MAIL}),
    ("DELETE", f"/v1/consents/{PHONE}", b""),
    ("GET", f"/v1/vault/audit?entry={PHONE}", b""),
    ("GET", f"/v1/vault/entries?case={PHONE}", b""),
]


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[Logs]:
    """Everything that is logged at debug level before any redaction, SQLAlchemy's statements included."""
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "asyncpg"):
        caplog.set_level(logging.DEBUG, logger=name)
    with structlog.testing.capture_logs() as events:
        yield events


@pytest.fixture
async def errand(logs: Logs, vault: Api, database: Database, keys: VaultKeys) -> Mapping[Kind, Entry]:
    person = a_person(values=RECIPIENT)
    await put_case(database, person.case_id, CaseState.HANDLING)
    return await keep(database, keys, person)


def assert_silent(logs: Logs, caplog: pytest.LogCaptureFixture) -> None:
    assert len(caplog.records) > 20, "SQLAlchemy's statements are not captured"
    for event in logs:
        assert_no_canary(event, "a log event")
    for record in caplog.records:
        assert_no_canary(record.getMessage(), f"the log {record.name}")
        assert_no_canary(record.exc_text or "", f"a traceback in {record.name}")


async def assert_sealed(url: str) -> None:
    """No table holds a canary, and neither does an event on its way."""
    connection = await asyncpg.connect(url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in [row["tablename"] for row in tables]:
        for row in await connection.fetch(f'SELECT t::text AS row FROM "{table}" t'):
            assert_no_canary(row["row"], f"the table {table}")
    await connection.close()
    assert len(tables) > 8


async def call(api: Api, method: str, target: str, content: object) -> Answer:
    if method == "POST":
        return await api.post(target, content, as_(OPERATOR, **{"Idempotency-Key": "a-key"}))
    return await api.call(method, target, headers=as_(OPERATOR))


async def test_the_whole_life_of_an_entry_leaves_no_trace_of_what_it_says(
    vault: Api, errand: Mapping[Kind, Entry], database: Database, keys: VaultKeys, url: str, logs: Logs,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    case_id, owner_id = errand[Kind.NAME].case_id, errand[Kind.NAME].owner_id
    ids = [str(entry.id) for entry in errand.values()]
    pulled = await vault.post(
        "/v1/vault/pull", {"entry_ids": ids, "purpose": "deliver_errand", "case_id": str(case_id)}, as_(COURIER)
    )
    masked = await vault.get(f"/v1/vault/entries?case={case_id}", as_(COMMUNITY))
    exported = await vault.post("/v1/vault/export", SUBJECT, as_(OPERATOR))
    await rotate(database, some_keys("k2", "k1"))
    partly = await vault.post("/v1/vault/erase", SUBJECT, as_(OPERATOR, **{"Idempotency-Key": "erase-1"}))
    consents = json.loads(exported.body)["consents"]
    ended = [await vault.call("DELETE", f"/v1/consents/{row['id']}", headers=as_(OPERATOR)) for row in consents]
    given = await vault.post(
        "/v1/consents",
        {"owner_id": str(owner_id), "scope": ConsentScope.ERRAND, "text_version": "v3", "channel": ConsentChannel.APP},
        as_(OPERATOR, **{"Idempotency-Key": "consent-1"}),
    )
    await closed_days_ago(database, keys, a_reporter(values=REPORTER), 900)
    await delete_due(database, load_retention(), at=NOW)
    metrics = await vault.get("/metrics")

    statuses = [answer.status for answer in (pulled, masked, exported, partly, *ended, given, metrics)]
    assert statuses == [200, 200, 200, 200, 200, 200, 201, 200]
    assert NAME.encode() in pulled.body, "the canary never flew"
    assert PHONE.encode() in exported.body
    for answer, where in ((masked, "masks"), (partly, "erasure"), (given, "consent"), (metrics, "metrics")):
        assert_no_canary(answer.body, where)
    assert_silent(logs, caplog)
    await assert_sealed(url)


@pytest.mark.parametrize(("method", "target", "content"), WRONG)
async def test_no_error_repeats_what_was_sent(
    vault: Api, database: Database, logs: Logs, caplog: pytest.LogCaptureFixture, method: str, target: str,
    content: object,
) -> None:  # fmt: skip
    answer = await call(vault, method, target, content)

    assert answer.status == 422, answer.body
    assert_no_canary(answer.body, "the error body")
    for event in logs:
        assert_no_canary(event, "a log event")


async def test_a_refused_pull_says_nothing_of_what_it_guards(
    vault: Api, errand: Mapping[Kind, Entry], url: str, logs: Logs, caplog: pytest.LogCaptureFixture
) -> None:
    for entry in errand.values():
        for actor in (OPERATOR, COURIER):
            body = {"entry_ids": [str(entry.id)], "purpose": "call_back", "case_id": str(entry.case_id)}
            answer = await vault.post("/v1/vault/pull", body, as_(actor))
            assert answer.status == 403
            assert_no_canary(answer.body, "the refusal")

    assert_silent(logs, caplog)
    await assert_sealed(url)


async def test_a_failure_in_the_middle_of_a_pull_shows_neither_values_nor_parameters(
    vault: Api, errand: Mapping[Kind, Entry], database: Database, url: str, logs: Logs,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    body = {
        "entry_ids": [str(entry.id) for entry in errand.values()],
        "purpose": "deliver_errand",
        "case_id": str(errand[Kind.NAME].case_id),
    }
    await _execute(database, "ALTER TABLE vault_audit ADD CONSTRAINT no_looks CHECK (id < 0)")
    try:
        answer = await vault.post("/v1/vault/pull", body, as_(COURIER))
        export = await vault.post("/v1/vault/export", SUBJECT, as_(OPERATOR))
    finally:
        await _execute(database, "ALTER TABLE vault_audit DROP CONSTRAINT no_looks")

    assert (answer.status, export.status) == (500, 500)
    failures = [event for event in logs if event["event"] == "http.failed"]
    assert len(failures) == 2
    for failure in failures:
        assert_no_canary(failure["exc_info"], "the exception that is logged")
    for answered in (answer, export):
        assert_no_canary(answered.body, "a 500")
    assert_silent(logs, caplog)
    assert await fetch(url, "SELECT 1 FROM vault_audit") == []


async def test_no_exception_of_the_vault_shows_a_value(
    errand: Mapping[Kind, Entry], database: Database, keys: VaultKeys
) -> None:
    request = PullRequest((errand[Kind.NAME].id,), "care", COURIER, new_id(), NOW)
    person = a_person(values=RECIPIENT, owner_id=errand[Kind.NAME].owner_id)

    with pytest.raises(Rejected) as refused:
        await pull(database, keys, request)
    with pytest.raises(CannotOpen) as damaged:
        open_entry(some_keys("k9"), errand[Kind.NAME])
    with pytest.raises(asyncpg.UniqueViolationError) as twice:
        await keep(database, keys, person)

    for raised in (refused.value, damaged.value, twice.value):
        assert_no_canary(raised, "an exception")
        assert_no_canary(vars(raised), "an exception's attributes")


def test_no_value_shows_itself(keys: VaultKeys) -> None:
    for value in RECIPIENT:
        assert_no_canary((value, repr(value), str(value), f"{value}", [value]), f"a {value.kind}")
    assert_no_canary(a_person(values=RECIPIENT), "a person")


@pytest.mark.parametrize(
    "leak", [NAME, NAME.encode(), json.dumps(NAME), NAME.encode().hex(), ValueError(PHONE), {1: MAIL}]
)
def test_the_search_finds_a_canary_in_any_disguise(leak: object) -> None:
    with pytest.raises(AssertionError, match="shows"):
        assert_no_canary(leak, "this")


async def _execute(database: Database, statement: str) -> None:
    async with database.transaction() as work:
        await work.connection.execute(text(statement))
