"""What did each person agree to, and what happens when they no longer do?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from intake.vault.deletions import WITHDRAWN, delete_entries
from intake.vault.entries import Kind, Party
from intake.vault.purposes import ConsentScope, load_purposes
from intake.vault.retention import OnWithdrawal, load_retention
from intake.vault.store import entries_of_owners
from lamplight_chassis.errors import Rejected


class ConsentChannel(StrEnum):
    """How a consent was given."""

    PAPER = "paper"
    PHONE = "phone"
    COUNTER = "counter"
    WEB = "web"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's yes to one thing.

    Arguments:
        text_version: which wording the person saw or heard.
    """

    id: UUID
    owner_id: UUID
    scope: ConsentScope
    text_version: str
    channel: ConsentChannel
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What became of the entries that rested on a consent."""

    deleted: Sequence[UUID]
    locked: Sequence[UUID]


_ADD = text(
    "INSERT INTO vault_consents (id, owner_id, scope, text_version, channel, given_at) "
    "VALUES (:id, :owner_id, :scope, :text_version, :channel, :given_at) "
    "ON CONFLICT (owner_id, scope) WHERE withdrawn_at IS NULL DO NOTHING"
)
_OWNER_IS_KNOWN = text("SELECT 1 FROM vault_entries WHERE owner_id = :owner_id LIMIT 1")
_IN_FORCE = text(
    "SELECT owner_id, scope FROM vault_consents "
    "WHERE owner_id = ANY(CAST(:owner_ids AS uuid[])) AND withdrawn_at IS NULL"
)
_ALL = text(
    "SELECT id, owner_id, scope, text_version, channel, given_at, withdrawn_at FROM vault_consents "
    "WHERE owner_id = ANY(CAST(:owner_ids AS uuid[])) ORDER BY id"
)
_WITHDRAW = text(
    "UPDATE vault_consents SET withdrawn_at = coalesce(withdrawn_at, :at) WHERE id = :id "
    "RETURNING owner_id, scope, withdrawn_at = :at AS is_new"
)
_WITHDRAW_ALL = text(
    "UPDATE vault_consents SET withdrawn_at = :at "
    "WHERE owner_id = ANY(CAST(:owner_ids AS uuid[])) AND withdrawn_at IS NULL"
)
_UNLOCK = text(
    "UPDATE vault_entries e SET locked_at = NULL FROM unnest(CAST(:parties AS text[]), CAST(:kinds AS text[])) "
    "AS r (party, kind) WHERE e.owner_id = :owner_id AND e.locked_at IS NOT NULL "
    "AND (e.party, e.kind) = (r.party, r.kind)"
)
_LOCK = text("UPDATE vault_entries SET locked_at = :at WHERE id = ANY(CAST(:ids AS uuid[])) AND locked_at IS NULL")


async def add_consent(connection: AsyncConnection, consent: Consent) -> None:
    """Keep a consent, in the caller's transaction; what was locked for want of it may be read again.

    Raises:
        Rejected: the person agreed to this before and has not withdrawn it.
    """
    values = {name: getattr(consent, name) for name in Consent.__dataclass_fields__}
    if (await connection.execute(_ADD, values)).rowcount == 0:
        raise Rejected("wrong_state", f"scope: consent for {consent.scope} is in force already")
    resting = sorted(load_purposes().resting_on(consent.scope))
    about = {"parties": [party for party, _ in resting], "kinds": [kind for _, kind in resting]}
    await connection.execute(_UNLOCK, {**about, "owner_id": consent.owner_id})


async def is_owner(connection: AsyncConnection, owner_id: UUID) -> bool:
    """Whether the vault holds anything of this owner."""
    return (await connection.execute(_OWNER_IS_KNOWN, {"owner_id": owner_id})).first() is not None


async def consents_in_force(connection: AsyncConnection, owner_ids: Sequence[UUID]) -> Mapping[UUID, Set[ConsentScope]]:
    """What each owner agrees to now."""
    found: dict[UUID, set[ConsentScope]] = {owner_id: set() for owner_id in owner_ids}
    for row in await connection.execute(_IN_FORCE, {"owner_ids": list(found)}):
        found[row.owner_id].add(ConsentScope(row.scope))
    return found


async def all_consents(connection: AsyncConnection, owner_ids: Sequence[UUID]) -> Sequence[Mapping[str, Any]]:
    """Every consent of these owners, withdrawn ones included, oldest first."""
    return [dict(row._mapping) for row in await connection.execute(_ALL, {"owner_ids": owner_ids})]


async def withdraw_consent(connection: AsyncConnection, consent_id: UUID, *, at: datetime) -> Withdrawal:
    """End a consent, and delete or lock what rested on it, as the retention table says; a second time does nothing.

    Raises:
        Rejected: there is no such consent.
    """
    row = (await connection.execute(_WITHDRAW, {"id": consent_id, "at": at})).first()
    if row is None:
        raise Rejected("not_found", f"there is no consent {consent_id}")
    if not row.is_new:
        return Withdrawal((), ())
    resting = load_purposes().resting_on(ConsentScope(row.scope))
    entries = await entries_of_owners(connection, [row.owner_id])
    touched = [
        (entry.id, _becomes(entry.party, entry.kind)) for entry in entries if (entry.party, entry.kind) in resting
    ]
    deleted = [entry_id for entry_id, act in touched if act is OnWithdrawal.DELETE]
    locked = [entry_id for entry_id, act in touched if act is OnWithdrawal.LOCK]
    await delete_entries(connection, deleted, rule=WITHDRAWN, at=at)
    await connection.execute(_LOCK, {"ids": locked, "at": at})
    return Withdrawal(deleted, locked)


async def withdraw_all(connection: AsyncConnection, owner_ids: Sequence[UUID], *, at: datetime) -> None:
    """End every consent of owners of whom nothing is left."""
    await connection.execute(_WITHDRAW_ALL, {"owner_ids": owner_ids, "at": at})


def _becomes(party: Party, kind: Kind) -> OnWithdrawal:
    return load_retention()[party, kind].on_withdrawal
