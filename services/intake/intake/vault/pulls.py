"""Is this entry given out to this person for this purpose now? Whatever the answer, it is written down with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from intake.vault.consents import consents_in_force
from intake.vault.entries import Kind, Value
from intake.vault.keys import VaultKeys
from intake.vault.masks import CONFIDENTIAL, HIDDEN, mask
from intake.vault.purposes import Actor, NotAllowed, load_purposes, why_not
from intake.vault.sealing import CannotOpen, Entry, open_entry
from intake.vault.standing import Standing
from intake.vault.store import Look, add_looks, entries_by_id, entries_of_case, standings
from lamplight_chassis.database import Database

log = structlog.get_logger()

ALLOWED, REFUSED_WITH_OTHERS, NO_SUCH_ENTRY, CANNOT_OPEN = (
    "allowed",
    "refused_with_others",
    "no_such_entry",
    "cannot_open",
)
MAX_MASKED = 500


@dataclass(frozen=True, slots=True)
class PullRequest:
    """Who wants to read which entries of which case, for what."""

    entry_ids: tuple[UUID, ...]
    purpose: str
    actor: Actor
    case_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MaskedEntry:
    """An entry as a screen may show it before it is pulled, and for what it may be."""

    entry_id: UUID
    owner_id: UUID
    kind: Kind
    mask: str
    purposes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Outcome:
    entry_id: UUID
    entry: Entry | None
    refusal: str | None
    value: Value | None = None


async def pull(database: Database, keys: VaultKeys, request: PullRequest) -> Mapping[UUID, Value]:
    """The values of all entries, or of none; each look is in the audit by the time that this returns or raises.

    Raises:
        NotAllowed: the reason of the first entry that may not be read; the audit has that of each.
    """
    async with database.transaction() as work:
        outcomes = await _judge(work.connection, keys, request)
        first = next((outcome for outcome in outcomes if outcome.refusal is not None), None)
        await add_looks(
            work.connection, [_look(request, outcome, is_refused=first is not None) for outcome in outcomes]
        )
    if first is not None and first.refusal is not None:
        log.info("vault.pull_refused", role=request.actor.role, reason=first.refusal)
        raise NotAllowed(first.refusal, f"entry_ids: {first.entry_id} is not given out: {first.refusal}")
    log.info("vault.pulled", role=request.actor.role, entries=len(outcomes))
    return {outcome.entry_id: outcome.value for outcome in outcomes if outcome.value is not None}


async def masked_entries(database: Database, keys: VaultKeys, *, case_id: UUID, actor: Actor) -> Sequence[MaskedEntry]:
    """What an actor could pull of a case now, and for which purposes; whatever else there is stays unmentioned."""
    async with database.transaction() as work:
        entries = await entries_of_case(work.connection, case_id, limit=MAX_MASKED)
        consents = await consents_in_force(work.connection, [entry.owner_id for entry in entries])
        standing = (await standings(work.connection, [case_id])).get(case_id, Standing())
    shown = []
    for entry in entries:
        purposes = [
            purpose
            for purpose in sorted(load_purposes().of_role(actor.role))
            if not why_not(
                load_purposes(), entry, purpose=purpose, actor=actor, case_id=case_id, standing=standing,
                consents=consents[entry.owner_id],
            )
        ]  # fmt: skip
        if purposes:
            shown.append(MaskedEntry(entry.id, entry.owner_id, entry.kind, _mask(keys, entry), purposes))
    return shown


async def _judge(connection: AsyncConnection, keys: VaultKeys, request: PullRequest) -> Sequence[_Outcome]:
    ids = tuple(dict.fromkeys(request.entry_ids))
    found = await entries_by_id(connection, ids)
    consents = await consents_in_force(connection, [entry.owner_id for entry in found.values()])
    standing = (await standings(connection, [request.case_id])).get(request.case_id, Standing())
    outcomes = []
    for entry_id in ids:
        entry = found.get(entry_id)
        if entry is None:
            outcomes.append(_Outcome(entry_id, None, NO_SUCH_ENTRY))
            continue
        refusal = why_not(
            load_purposes(), entry, purpose=request.purpose, actor=request.actor, case_id=request.case_id,
            standing=standing, consents=consents[entry.owner_id],
        )  # fmt: skip
        outcomes.append(_Outcome(entry_id, entry, refusal))
    return (
        outcomes if any(outcome.refusal for outcome in outcomes) else [_opened(keys, outcome) for outcome in outcomes]
    )


def _opened(keys: VaultKeys, outcome: _Outcome) -> _Outcome:
    assert outcome.entry is not None
    try:
        return _Outcome(outcome.entry_id, outcome.entry, None, open_entry(keys, outcome.entry))
    except CannotOpen as damage:
        log.error("vault.cannot_open", entry_id=str(damage.entry_id), key_id=damage.key_id)
        return _Outcome(outcome.entry_id, outcome.entry, CANNOT_OPEN)


def _look(request: PullRequest, outcome: _Outcome, *, is_refused: bool) -> Look:
    entry = outcome.entry
    return Look(
        at=request.at,
        actor=request.actor.name,
        role=request.actor.role,
        purpose=request.purpose,
        case_id=request.case_id,
        entry_id=outcome.entry_id,
        owner_id=entry.owner_id if entry else None,
        kind=entry.kind if entry else None,
        is_allowed=not is_refused,
        reason=outcome.refusal or (REFUSED_WITH_OTHERS if is_refused else ALLOWED),
    )


def _mask(keys: VaultKeys, entry: Entry) -> str:
    if entry.is_confidential:
        return CONFIDENTIAL
    try:
        value = open_entry(keys, entry)
    except CannotOpen:
        return HIDDEN
    return HIDDEN if value is None else mask(value)
