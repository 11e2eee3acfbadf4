"""How does what a person tells get into the vault?"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime

from intake.vault.entries import Person, Value
from intake.vault.fingerprints import fingerprint
from intake.vault.keys import VaultKeys
from intake.vault.purposes import ConsentScope, load_purposes
from intake.vault.sealing import Entry, seal
from lamplight_chassis.clock import NewId
from lamplight_chassis.errors import Rejected


def seal_person(
    keys: VaultKeys, person: Person, *, consents: Set[ConsentScope] = frozenset(), at: datetime, new_id: NewId
) -> Sequence[Entry]:
    """A person's values as sealed entries, ready for `store.add_entries` in the transaction that keeps the report.

    Arguments:
        consents: what the person agreed to, kept by `consents.add_consents` in the same transaction.

    Raises:
        Rejected: a value that nobody needs, or that must not be kept without a consent that is missing.
    """
    for value in person.values:
        trouble = load_purposes().why_not_kept(person.party, value.kind, consents)
        if trouble is not None:
            raise Rejected("not_to_be_kept", f"{value.kind}: {trouble}")
    return [_entry(keys, person, value, at=at, new_id=new_id) for value in person.values]


def _entry(keys: VaultKeys, person: Person, value: Value, *, at: datetime, new_id: NewId) -> Entry:
    entry_id = new_id()
    return Entry(
        id=entry_id,
        owner_id=person.owner_id,
        party=person.party,
        kind=value.kind,
        report_id=person.report_id,
        case_id=person.case_id,
        zone=person.zone,
        is_confidential=person.is_confidential,
        kept_at=at,
        fingerprint=fingerprint(keys, value),
        sealed=seal(keys, value, entry_id=entry_id, owner_id=person.owner_id, party=person.party),
    )
