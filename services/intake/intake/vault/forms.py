"""What can be sent to the vault over HTTP, and what does it answer?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from intake.vault.consents import ConsentChannel
from intake.vault.entries import Kind, Name, Party, Phone
from intake.vault.purposes import ConsentScope
from intake.vault.subject_requests import Proof
from lamplight_chassis.forms import Form, Query, Word

MAX_PULLED = 50
MAX_PAGE = 200

PurposeName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,63}$", examples=["deliver_errand"])]


class PullForm(Form):
    """Which entries of which case somebody wants to read, and for what."""

    entry_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_PULLED)]
    purpose: PurposeName
    case_id: UUID


class SubjectForm(Form):
    """A person, by phone; by name too where several share the phone."""

    phone: Annotated[str, Field(min_length=1, max_length=Phone.limit, examples=["13800000000"])]
    name: Annotated[str, Field(min_length=1, max_length=Name.limit)] | None = None
    proof: Proof = Field(description="How you made sure that this is the person.")


class ConsentForm(Form):
    """What a person agreed to."""

    owner_id: UUID
    scope: ConsentScope
    text_version: Word
    channel: ConsentChannel


class AuditQuery(Query):
    """Whose looks, and which page of them."""

    entry: UUID
    before: Annotated[int, Field(ge=1, le=2**63 - 1, description="Only looks older than this id.")] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50


class CaseQuery(Query):
    """Which case."""

    case: UUID


class PulledEntry(BaseModel):
    """One value in clear."""

    entry_id: UUID
    kind: Kind
    content: str | list[str]


class PulledEntries(BaseModel):
    """What was asked for, all of it."""

    entries: Sequence[PulledEntry]


class MaskedEntryView(BaseModel):
    """One value masked, and for what you may pull it."""

    entry_id: UUID
    owner_id: UUID
    kind: Kind
    mask: str
    purposes: Sequence[str]


class MaskedEntries(BaseModel):
    """What you may pull of a case now."""

    entries: Sequence[MaskedEntryView]


class LookView(BaseModel):
    """One look at an entry."""

    id: int
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
    correlation_id: str | None


class AuditPage(BaseModel):
    """Looks at an entry, newest first; `next_before` asks for the page after this one."""

    looks: Sequence[LookView]
    next_before: int | None


class ExportedEntry(BaseModel):
    """One value of a person with all that is known of it; `content` is empty where only a keyed hash is left."""

    entry_id: UUID
    owner_id: UUID
    report_id: UUID
    case_id: UUID
    party: Party
    kind: Kind
    content: str | list[str] | None
    trouble: str | None
    kept_at: datetime
    locked_at: datetime | None
    emptied_at: datetime | None


class ConsentView(BaseModel):
    """One consent."""

    id: UUID
    owner_id: UUID
    scope: ConsentScope
    text_version: str
    channel: ConsentChannel
    given_at: datetime
    withdrawn_at: datetime | None


class ExportedLook(BaseModel):
    """One look at any of a person's values."""

    at: datetime
    actor: str
    role: str
    purpose: str
    case_id: UUID | None
    entry_id: UUID | None
    kind: Kind | None
    is_allowed: bool
    reason: str


class PersonExport(BaseModel):
    """Everything that is kept of a person."""

    made_at: datetime
    entries: Sequence[ExportedEntry]
    report_ids: Sequence[UUID]
    consents: Sequence[ConsentView]
    read_by: Sequence[ExportedLook]


class KeptEntry(BaseModel):
    """An entry that may not be erased yet, and why."""

    entry_id: UUID
    kind: Kind
    reason: str


class ErasureView(BaseModel):
    """What is gone, and what is not yet."""

    erased: Sequence[UUID]
    kept: Sequence[KeptEntry]


class NewConsent(BaseModel):
    """The consent that was kept."""

    consent_id: UUID


class WithdrawalView(BaseModel):
    """What became of the entries that rested on the consent."""

    deleted: Sequence[UUID]
    locked: Sequence[UUID]
