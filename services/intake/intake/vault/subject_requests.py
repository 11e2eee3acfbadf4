"""What does a person get who asks what the city keeps of them, or wants it gone?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from intake.vault.consents import all_consents, withdraw_all
from intake.vault.deletions import ON_REQUEST, delete_entries
from intake.vault.entries import Name, Phone
from intake.vault.fingerprints import name_fingerprint, phone_fingerprint
from intake.vault.keys import VaultKeys
from intake.vault.purposes import SUBJECT_REQUEST, Actor, NotAllowed, load_purposes
from intake.vault.retention import load_retention
from intake.vault.sealing import CannotOpen, Entry, open_entry
from intake.vault.standing import Standing
from intake.vault.store import Look, add_looks, audit_of_owners, entries_of_owners, owners_by_phone, standings
from lamplight_chassis.errors import Rejected


class Proof(StrEnum):
    """How the one who serves the person made sure of who it is."""

    ID_CARD_SEEN = "id_card_seen"
    CALLED_BACK = "called_back"


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """A person, found by phone, and who serves them; the name tells apart those who share a phone."""

    phone: Phone
    name: Name | None
    proof: Proof
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry that may not be erased yet."""

    entry_id: UUID
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is gone, and what is not yet."""

    erased: Sequence[UUID]
    kept: Sequence[Kept]


async def export_person(
    connection: AsyncConnection, keys: VaultKeys, request: SubjectRequest
) -> Mapping[str, Any] | Rejected:
    """Everything of a person as one document: entries, reports, consents, and who read them; or why not.

    A refusal is returned, not raised: its audit row belongs to the caller's transaction.
    """
    owners = await _owners(connection, keys, request)
    if isinstance(owners, Rejected):
        return owners
    entries = await entries_of_owners(connection, owners)
    await add_looks(connection, [_look(request, entry, f"exported:{request.proof}") for entry in entries])
    return {
        "made_at": request.at,
        "entries": [_exported(keys, entry) for entry in entries],
        "report_ids": sorted({entry.report_id for entry in entries}),
        "consents": await all_consents(connection, owners),
        "read_by": await audit_of_owners(connection, owners),
    }


async def erase_person(connection: AsyncConnection, keys: VaultKeys, request: SubjectRequest) -> Erasure | Rejected:
    """Delete and register what no legal period holds; the rest is named with its reason.

    A refusal is returned, not raised: its audit row belongs to the caller's transaction.
    """
    owners = await _owners(connection, keys, request)
    if isinstance(owners, Rejected):
        return owners
    entries = await entries_of_owners(connection, owners)
    known = await standings(connection, [entry.case_id for entry in entries])
    holds = {entry.id: _hold(entry, known.get(entry.case_id, Standing()), at=request.at) for entry in entries}
    kept = [Kept(entry.id, entry.kind, reason) for entry in entries if (reason := holds[entry.id]) is not None]
    erased = [entry.id for entry in entries if holds[entry.id] is None]
    await add_looks(connection, [_look(request, entry, _erasure_reason(request, holds[entry.id])) for entry in entries])
    await delete_entries(connection, erased, rule=ON_REQUEST, at=request.at)
    await withdraw_all(connection, sorted(set(owners) - {e.owner_id for e in entries if holds[e.id]}), at=request.at)
    if not erased:
        return Rejected("legal_period", f"nothing may be erased yet: {kept[0].kind}: {kept[0].reason}")
    return Erasure(erased, kept)


async def _owners(connection: AsyncConnection, keys: VaultKeys, request: SubjectRequest) -> Sequence[UUID] | Rejected:
    """The owners that are this person; every attempt that finds none leaves an audit row too."""
    if SUBJECT_REQUEST not in load_purposes().of_role(request.actor.role):
        refusal: Rejected = NotAllowed("not_for_this_purpose", f"role: {request.actor.role} serves no such requests")
    else:
        found = await owners_by_phone(connection, phone_fingerprint(keys, request.phone))
        name = None if request.name is None else name_fingerprint(keys, request.name)
        chosen = choose_owners(found, name)
        if not isinstance(chosen, Rejected):
            return chosen
        refusal = chosen
    await add_looks(connection, [_look(request, None, refusal.reason)])
    return refusal


def choose_owners(found: Sequence[tuple[UUID, bytes | None]], name: bytes | None) -> Sequence[UUID] | Rejected:
    """Whose data is meant by a phone: everybody's who has it, unless several names do.

    Arguments:
        found: owners with this phone, and the fingerprints of their names.
        name: the fingerprint of the name that was given; entries without a name are then only theirs if nobody else
            has the phone.
    """
    names = {fingerprint for _, fingerprint in found if fingerprint is not None}
    if name is None and len(names) > 1:
        return Rejected("several_people", "name: must be given, several people were told of under this phone")
    wanted = names if name is None else {name}
    nameless = names <= wanted and (name is None or name in names)
    chosen = [owner for owner, of in found if of in wanted or (of is None and nameless)]
    return chosen or Rejected("not_found", "phone: nothing is kept of this person")


def _hold(entry: Entry, standing: Standing, *, at: datetime) -> str | None:
    return load_retention()[entry.party, entry.kind].why_held(standing, at=at)


def _erasure_reason(request: SubjectRequest, hold: str | None) -> str:
    return f"erased:{request.proof}" if hold is None else f"not erased:{hold}"


def _exported(keys: VaultKeys, entry: Entry) -> Mapping[str, Any]:
    """An entry with its content; one that is damaged is still told of."""
    try:
        value, trouble = open_entry(keys, entry), None
    except CannotOpen:
        value, trouble = None, "it cannot be opened"
    return {
        "entry_id": entry.id,
        "owner_id": entry.owner_id,
        "report_id": entry.report_id,
        "case_id": entry.case_id,
        "party": entry.party,
        "kind": entry.kind,
        "content": None if value is None else value.content,
        "trouble": trouble,
        "kept_at": entry.kept_at,
        "locked_at": entry.locked_at,
        "emptied_at": entry.emptied_at,
    }


def _look(request: SubjectRequest, entry: Entry | None, reason: str) -> Look:
    return Look(
        at=request.at,
        actor=request.actor.name,
        role=request.actor.role,
        purpose=SUBJECT_REQUEST,
        case_id=entry.case_id if entry else None,
        entry_id=entry.id if entry else None,
        owner_id=entry.owner_id if entry else None,
        kind=entry.kind if entry else None,
        is_allowed=entry is not None and not reason.startswith("not erased"),
        reason=reason,
    )
