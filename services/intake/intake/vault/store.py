"""Which entries does the vault hold, and who read them?

Plain text never reaches the database, not even as a parameter: only what is sealed, and keyed hashes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from intake.tables import IntakeTable
from intake.vault.entries import Kind, Party
from intake.vault.sealing import Entry, Sealed
from intake.vault.standing import Standing
from lamplight_chassis.bulk import BulkAppend
from lamplight_chassis.database import Database
from lamplight_chassis.trail import correlation_id


class EntryRow(IntakeTable, table=True):
    """One value of one person, sealed; without key, nonce and ciphertext once only its fingerprint is left."""

    __tablename__ = "vault_entries"
    __table_args__ = (
        Index("vault_entries_by_owner", "owner_id", "kind", unique=True),
        Index("vault_entries_by_case", "case_id"),
        Index("vault_entries_by_report", "report_id"),
        Index("vault_entries_by_fingerprint", "fingerprint", postgresql_where=text("fingerprint IS NOT NULL")),
        Index("vault_entries_by_key", "key_id", "id", postgresql_where=text("key_id IS NOT NULL")),
        Index("vault_entries_by_age", "party", "kind", "kept_at", postgresql_where=text("emptied_at IS NULL")),
        Index("vault_entries_locked", "id", postgresql_where=text("locked_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    owner_id: UUID
    party: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    report_id: UUID
    case_id: UUID
    zone: str = Field(sa_type=Text)
    is_confidential: bool
    key_id: str | None = Field(default=None, sa_type=Text)
    nonce: bytes | None = Field(default=None)
    ciphertext: bytes | None = Field(default=None)
    fingerprint: bytes | None = Field(default=None)
    kept_at: datetime = Field(sa_type=DateTime(timezone=True))
    locked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    emptied_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class AuditRow(IntakeTable, table=True):
    """One look at one entry, allowed or refused; rows are added and never changed."""

    __tablename__ = "vault_audit"
    __table_args__ = (Index("vault_audit_by_entry", "entry_id", "id"), Index("vault_audit_by_owner", "owner_id", "id"))

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    at: datetime = Field(sa_type=DateTime(timezone=True))
    actor: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    purpose: str = Field(sa_type=Text)
    case_id: UUID | None = None
    entry_id: UUID | None = None
    owner_id: UUID | None = None
    kind: str | None = Field(default=None, sa_type=Text)
    is_allowed: bool
    reason: str = Field(sa_type=Text)
    correlation_id: str | None = Field(default=None, sa_type=Text)


class ConsentRow(IntakeTable, table=True):
    """What one person agreed to, in which words, and since when no more."""

    __tablename__ = "vault_consents"
    __table_args__ = (
        Index(
            "vault_consents_in_force", "owner_id", "scope", unique=True, postgresql_where=text("withdrawn_at IS NULL")
        ),
        Index("vault_consents_by_owner", "owner_id"),
    )

    id: UUID = Field(primary_key=True)
    owner_id: UUID
    scope: str = Field(sa_type=Text)
    text_version: str = Field(sa_type=Text)
    channel: str = Field(sa_type=Text)
    given_at: datetime = Field(sa_type=DateTime(timezone=True))
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class DeletionRow(IntakeTable, table=True):
    """That an entry is gone, when and by which rule; nothing of what it said. Rows are added and never changed."""

    __tablename__ = "vault_deletions"
    __table_args__ = (Index("vault_deletions_by_entry", "entry_id"),)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    entry_id: UUID
    party: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    rule: str = Field(sa_type=Text)
    remainder: str = Field(sa_type=Text)
    deleted_at: datetime = Field(sa_type=DateTime(timezone=True))


_ENTRY_COLUMNS = (
    "id", "owner_id", "party", "kind", "report_id", "case_id", "zone", "is_confidential", "key_id", "nonce",
    "ciphertext", "fingerprint", "kept_at", "locked_at", "emptied_at",
)  # fmt: skip
_AUDIT_COLUMNS = (
    "at", "actor", "role", "purpose", "case_id", "entry_id", "owner_id", "kind", "is_allowed", "reason",
    "correlation_id",
)  # fmt: skip
ENTRY_COLUMNS = ", ".join(_ENTRY_COLUMNS)
_ADD_ENTRIES = BulkAppend("vault_entries", _ENTRY_COLUMNS)
_ADD_AUDIT = BulkAppend("vault_audit", _AUDIT_COLUMNS)
# Who reads an entry keeps the retention job from taking it away in the same moment.
_BY_IDS = text(f"SELECT {ENTRY_COLUMNS} FROM vault_entries WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR SHARE")
_BY_OWNERS = text(
    f"SELECT {ENTRY_COLUMNS} FROM vault_entries WHERE owner_id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE"
)
_BY_CASE = text(f"SELECT {ENTRY_COLUMNS} FROM vault_entries WHERE case_id = :case_id ORDER BY id LIMIT :limit")
_STANDINGS = text(
    "SELECT case_id, state, unit_id, changed_at FROM case_status WHERE case_id = ANY(CAST(:ids AS uuid[]))"
)
_OWNERS_BY_PHONE = text(
    "SELECT p.owner_id, n.fingerprint AS name FROM vault_entries p "
    "LEFT JOIN vault_entries n ON n.owner_id = p.owner_id AND n.kind = 'name' "
    "WHERE p.kind = 'phone' AND p.fingerprint = :fingerprint ORDER BY p.owner_id"
)
_REPORTS_BY_PHONE = (
    "SELECT owner_id, report_id, case_id FROM vault_entries "
    "WHERE kind = 'phone' AND fingerprint = $1 ORDER BY report_id"
)
_MOVE = text("UPDATE vault_entries SET case_id = :case_id WHERE report_id = :report_id")
_AUDIT_OF = (
    "SELECT id, at, actor, role, purpose, case_id, entry_id, owner_id, kind, is_allowed, reason, correlation_id "
    "FROM vault_audit WHERE entry_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
)
_AUDIT_OF_OWNERS = text(
    "SELECT at, actor, role, purpose, case_id, entry_id, kind, is_allowed, reason FROM vault_audit "
    "WHERE owner_id = ANY(CAST(:ids AS uuid[])) ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Look:
    """One audit row on its way: who wanted to see what, for what, and whether it was shown."""

    at: datetime
    actor: str
    role: str
    purpose: str
    case_id: UUID | None
    entry_id: UUID | None
    owner_id: UUID | None
    kind: Kind | None
    is_allowed: bool
    reason: str


async def add_entries(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Keep sealed entries, in the caller's transaction."""
    await _ADD_ENTRIES.write(connection, [_values(entry) for entry in entries])


async def entries_by_id(connection: AsyncConnection, ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
    """The entries that exist, held until the transaction ends."""
    rows = await connection.execute(_BY_IDS, {"ids": ids})
    return {row.id: to_entry(row._mapping) for row in rows}


async def entries_of_owners(connection: AsyncConnection, owner_ids: Sequence[UUID]) -> Sequence[Entry]:
    """Everything of these owners, locked until the transaction ends."""
    return [to_entry(row._mapping) for row in await connection.execute(_BY_OWNERS, {"ids": owner_ids})]


async def entries_of_case(connection: AsyncConnection, case_id: UUID, *, limit: int) -> Sequence[Entry]:
    """The first entries of a case."""
    rows = await connection.execute(_BY_CASE, {"case_id": case_id, "limit": limit})
    return [to_entry(row._mapping) for row in rows]


async def standings(connection: AsyncConnection, case_ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
    """Where cases stand that dispatch has told of."""
    rows = await connection.execute(_STANDINGS, {"ids": list(set(case_ids))})
    return {row.case_id: Standing(row.state, row.unit_id, row.changed_at) for row in rows}


async def owners_by_phone(connection: AsyncConnection, fingerprint: bytes) -> Sequence[tuple[UUID, bytes | None]]:
    """The owners with this phone, and the fingerprints of their names."""
    rows = await connection.execute(_OWNERS_BY_PHONE, {"fingerprint": fingerprint})
    return [(row.owner_id, row.name) for row in rows]


async def reports_by_phone(database: Database, fingerprint: bytes) -> Sequence[Mapping[str, Any]]:
    """Owner, report and case of everything that was told under this phone; nothing is opened."""
    return await database.fetch(_REPORTS_BY_PHONE, fingerprint)


async def move_report(connection: AsyncConnection, *, report_id: UUID, case_id: UUID) -> None:
    """The report belongs to another case now, and so do its entries."""
    await connection.execute(_MOVE, {"report_id": report_id, "case_id": case_id})


async def add_looks(connection: AsyncConnection, looks: Sequence[Look]) -> None:
    """Write audit rows in the transaction that reads."""
    trail = correlation_id.get(None)
    values = [(*(getattr(look, column) for column in _AUDIT_COLUMNS[:-1]), trail) for look in looks]
    await _ADD_AUDIT.write(connection, values)


async def audit_of(
    database: Database, entry_id: UUID, *, before: int | None, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Who looked at an entry, newest first, older than the row `before`."""
    return await database.fetch(_AUDIT_OF, entry_id, before, limit)


async def audit_of_owners(connection: AsyncConnection, ids: Sequence[UUID]) -> Sequence[Mapping[str, Any]]:
    """Who looked at any entry of these owners, also those that are gone, oldest first."""
    return [dict(row._mapping) for row in await connection.execute(_AUDIT_OF_OWNERS, {"ids": ids})]


def to_entry(row: Mapping[Any, Any]) -> Entry:
    """An entry from its row."""
    sealed = None if row["ciphertext"] is None else Sealed(row["key_id"], row["nonce"], row["ciphertext"])
    same = {column: row[column] for column in _ENTRY_COLUMNS if column not in ("key_id", "nonce", "ciphertext")}
    return Entry(**{**same, "party": Party(row["party"]), "kind": Kind(row["kind"]), "sealed": sealed})


def _values(entry: Entry) -> tuple[object, ...]:
    sealed = entry.sealed
    parts = (None, None, None) if sealed is None else (sealed.key_id, sealed.nonce, sealed.ciphertext)
    written = dict(zip(("key_id", "nonce", "ciphertext"), parts, strict=True))
    return tuple(written[column] if column in written else getattr(entry, column) for column in _ENTRY_COLUMNS)
