"""What can be asked of the vault over HTTP?

No answer with plain text is kept for repetition: a pull that is sent again is a second look, audited by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from intake.vault.consents import Consent, add_consent, is_owner, withdraw_consent
from intake.vault.entries import Name, Phone
from intake.vault.fingerprints import request_digest
from intake.vault.forms import (
    AuditPage,
    AuditQuery,
    CaseQuery,
    ConsentForm,
    ErasureView,
    MaskedEntries,
    NewConsent,
    PersonExport,
    PulledEntries,
    PullForm,
    SubjectForm,
    WithdrawalView,
)
from intake.vault.keyed import perform_keyed
from intake.vault.keys import VaultKeys
from intake.vault.metrics import VaultMetrics
from intake.vault.pulls import ALLOWED, PullRequest, masked_entries, pull
from intake.vault.purposes import Actor, NotAllowed, Role
from intake.vault.store import audit_of
from intake.vault.subject_requests import SubjectRequest, erase_person, export_person
from lamplight_chassis.answers import json_answer, keyed_answer, to_json
from lamplight_chassis.bodies import body_of, parse_body, parse_query, query_of
from lamplight_chassis.clock import Clock, NewId
from lamplight_chassis.database import Database, UnitOfWork
from lamplight_chassis.errors import Rejected
from lamplight_chassis.idempotency import KEY_HEADER, Answer, IdempotencyKey, key_of
from lamplight_chassis.problems import PROBLEM_RESPONSES, problem

ActorOf = Callable[[Request], Actor]

PULL, EXPORT, ERASE, CONSENTS = "/v1/vault/pull", "/v1/vault/export", "/v1/vault/erase", "/v1/consents"
AUDITORS = frozenset({Role.ADMIN, Role.SHIFT_LEADER})
CONSENT_TAKERS = frozenset({Role.OPERATOR, Role.COMMUNITY, Role.REPORTER, Role.ADMIN})
NO_STORE = {"Cache-Control": "no-store"}
FORBIDDEN: dict[int | str, dict[str, Any]] = {
    403: {**PROBLEM_RESPONSES[404], "description": "This is not given to you for this purpose; `type` says why."}
}
FORMS = (PullForm, SubjectForm, ConsentForm)
"""The bodies that these routes read by themselves, for the OpenAPI document."""


def vault_routes(
    *, database: Database, keys: VaultKeys, actor_of: ActorOf, metrics: VaultMetrics, now: Clock, new_id: NewId
) -> APIRouter:
    """All calls of the vault.

    Arguments:
        actor_of: who sends a request; whoever may not even ask is refused there.
    """
    router = APIRouter(tags=["vault"], responses={**_problems(422, 503), **FORBIDDEN})
    _add_reading(router, database, keys, actor_of, metrics, now)
    _add_subject_requests(router, database, keys, actor_of, now)
    _add_consents(router, database, actor_of, now, new_id)
    return router


def _add_reading(
    router: APIRouter, database: Database, keys: VaultKeys, actor_of: ActorOf, metrics: VaultMetrics, now: Clock
) -> None:
    @router.post(
        PULL, response_model=PulledEntries, openapi_extra=_body(PullForm), responses=_problems(413),
        summary="Read personal data for a purpose",
    )  # fmt: skip
    async def pull_entries(request: Request) -> Response:
        form = parse_body(PullForm, await request.body())
        wanted = PullRequest(tuple(form.entry_ids), form.purpose, actor_of(request), form.case_id, now())
        try:
            values = await pull(database, keys, wanted)
        except NotAllowed as refusal:
            metrics.count_pull(form.purpose, refusal.reason)
            return _forbidden(refusal)
        metrics.count_pull(form.purpose, ALLOWED)
        entries = [{"entry_id": i, "kind": value.kind, "content": value.content} for i, value in values.items()]
        return json_answer({"entries": entries}, headers=NO_STORE)

    @router.get(
        "/v1/vault/entries", response_model=MaskedEntries, openapi_extra=query_of(CaseQuery),
        summary="What may I read of a case?",
    )  # fmt: skip
    async def list_masked(request: Request) -> Response:
        case_id = parse_query(CaseQuery, request).case
        shown = await masked_entries(database, keys, case_id=case_id, actor=actor_of(request))
        return json_answer({"entries": shown}, headers=NO_STORE)

    @router.get(
        "/v1/vault/audit", response_model=AuditPage, openapi_extra=query_of(AuditQuery),
        summary="Who looked at an entry?",
    )  # fmt: skip
    async def show_audit(request: Request) -> Response:
        query = parse_query(AuditQuery, request)
        if (refusal := _not_among(AUDITORS, actor_of(request))) is not None:
            return refusal
        rows = await audit_of(database, query.entry, before=query.before, limit=query.limit)
        next_before = rows[-1]["id"] if len(rows) == query.limit else None
        return json_answer({"looks": [dict(row) for row in rows], "next_before": next_before})


def _add_subject_requests(
    router: APIRouter, database: Database, keys: VaultKeys, actor_of: ActorOf, now: Clock
) -> None:
    def read(request: Request, body: bytes) -> SubjectRequest:
        form = parse_body(SubjectForm, body)
        name = None if form.name is None else Name(form.name)
        return SubjectRequest(Phone(form.phone), name, form.proof, actor_of(request), now())

    @router.post(
        EXPORT, response_model=PersonExport, openapi_extra=_body(SubjectForm), responses=_problems(404, 413),
        summary="Everything that is kept of a person",
    )  # fmt: skip
    async def export(request: Request) -> Response:
        wanted = read(request, await request.body())
        async with database.transaction() as work:
            found = await export_person(work.connection, keys, wanted)
        return _refused(found) if isinstance(found, Rejected) else json_answer(found, headers=NO_STORE)

    @router.post(
        ERASE, response_model=ErasureView, openapi_extra=body_of(SubjectForm), responses=_problems(404, 409, 413),
        summary="Erase what is kept of a person",
    )  # fmt: skip
    async def erase(request: Request) -> Response:
        body = await request.body()
        wanted = read(request, body)

        async def perform(work: UnitOfWork) -> Answer | Rejected:
            done = await erase_person(work.connection, keys, wanted)
            return done if isinstance(done, Rejected) else Answer(200, to_json(done))

        key = _key(request, f"POST {ERASE}", b"")
        if key is not None:
            key = IdempotencyKey(key.key, request_digest(keys, body, actor=wanted.actor.name))
        answer = await perform_keyed(database, key, perform)
        return _refused(answer) if isinstance(answer, Rejected) else keyed_answer(answer)


def _add_consents(router: APIRouter, database: Database, actor_of: ActorOf, now: Clock, new_id: NewId) -> None:
    @router.post(
        CONSENTS, status_code=201, response_model=NewConsent, openapi_extra=body_of(ConsentForm),
        responses=_problems(404, 409, 413), summary="A person agrees to something",
    )  # fmt: skip
    async def give_consent(request: Request) -> Response:
        body = await request.body()
        form = parse_body(ConsentForm, body)
        if (refusal := _not_among(CONSENT_TAKERS, actor_of(request))) is not None:
            return refusal
        consent = Consent(new_id(), form.owner_id, form.scope, form.text_version, form.channel, now())

        async def perform(work: UnitOfWork) -> Answer | Rejected:
            if not await is_owner(work.connection, consent.owner_id):
                return Rejected("not_found", f"owner_id: nothing is kept of {consent.owner_id}")
            await add_consent(work.connection, consent)
            return Answer(201, to_json({"consent_id": consent.id}))

        answer = await perform_keyed(database, _key(request, f"POST {CONSENTS}", body), perform)
        return _refused(answer) if isinstance(answer, Rejected) else keyed_answer(answer)

    @router.delete(
        "/v1/consents/{consent_id}", response_model=WithdrawalView, responses=_problems(404),
        openapi_extra=_path("consent_id"), summary="A person no longer agrees",
    )  # fmt: skip
    async def withdraw(request: Request) -> Response:
        consent_id = _path_id(request, "consent_id")
        if (refusal := _not_among(CONSENT_TAKERS, actor_of(request))) is not None:
            return refusal
        async with database.transaction() as work:
            done = await withdraw_consent(work.connection, consent_id, at=now())
        return json_answer(done)


def _key(request: Request, operation: str, body: bytes) -> IdempotencyKey | None:
    return key_of(request.headers.get(KEY_HEADER), operation=operation, body=body)


def _path_id(request: Request, name: str) -> UUID:
    """As the chassis reads it, without repeating what stands there: it may be a phone number."""
    try:
        return UUID(request.path_params[name])
    except ValueError:
        found = [{"type": "uuid_parsing", "loc": ("path", name), "msg": "must be a UUID"}]
        raise RequestValidationError(found) from None


def _not_among(roles: frozenset[Role], actor: Actor) -> Response | None:
    if actor.role in roles:
        return None
    return _forbidden(NotAllowed("not_for_this_role", f"role: must be one of {', '.join(sorted(roles))}"))


def _refused(refusal: Rejected) -> Response:
    """The answer to a refusal that is already in the audit."""
    if isinstance(refusal, NotAllowed):
        return _forbidden(refusal)
    if refusal.reason == "legal_period":
        return problem(409, refusal.reason, "Not yet", refusal.detail)
    raise refusal


def _forbidden(refusal: NotAllowed) -> Response:
    return problem(403, refusal.reason, "Not given out", refusal.detail)


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: PROBLEM_RESPONSES[status] for status in statuses}


def _body(form: type[PullForm] | type[SubjectForm]) -> dict[str, Any]:
    """Without an idempotency key: what is read is never kept as an answer."""
    return {"requestBody": body_of(form)["requestBody"]}


def _path(name: str) -> dict[str, Any]:
    return {
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}]
    }
