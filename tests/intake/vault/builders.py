"""How does a test make a vault with keys, a person whose data is in it, and a case that stands somewhere?"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from intake.vault.consents import Consent, ConsentChannel, add_consent
from intake.vault.entries import (
    FreeText,
    HouseNumber,
    Kind,
    MedicineList,
    Name,
    Party,
    Person,
    Phone,
    Value,
)
from intake.vault.keeping import seal_person
from intake.vault.keys import HEALTH_KEYS, KEYS, LOOKUP_KEY, VaultKeys, read_keys
from intake.vault.purposes import Actor, ConsentScope
from intake.vault.sealing import Entry
from intake.vault.store import add_entries
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_events.vocabulary import CaseState
from tests.builders import NOW, ZONE

COURIER = Actor("courier_7", "courier")
COMMUNITY = Actor("community_2", "community", frozenset({ZONE}))
OPERATOR = Actor("desk_1", "operator")
EVERY_CONSENT = frozenset(ConsentScope)
A_RECIPIENT: tuple[Value, ...] = (
    Name("张试样"),
    Phone("13800005678"),
    HouseNumber("3幢2单元301室"),
    FreeText("鸡蛋一盒"),
    MedicineList(("维生素C片", "创可贴")),
)
A_REPORTER: tuple[Value, ...] = (Name("王试"), Phone("13900001234"))


def a_key(word: str) -> str:
    """A key in base64, the same for the same word."""
    return base64.b64encode(hashlib.sha256(word.encode()).digest()).decode()


def some_keys(*general: str, health: Sequence[str] = ("h1",), lookup: str = "lookup") -> VaultKeys:
    """Keys by their ids, the current one first."""
    return read_keys(
        {
            KEYS: ",".join(f"{name}:{a_key(name)}" for name in general or ("k1",)),
            HEALTH_KEYS: ",".join(f"{name}:{a_key(name)}" for name in health),
            LOOKUP_KEY: a_key(lookup),
        }
    )


def a_person(**changes: Any) -> Person:
    """A recipient of an errand with everything that a courier needs."""
    person = Person(
        owner_id=new_id(),
        party=Party.RECIPIENT,
        report_id=new_id(),
        case_id=new_id(),
        zone=ZONE,
        values=A_RECIPIENT,
    )
    return replace(person, **changes)


def a_reporter(**changes: Any) -> Person:
    """Somebody who told us something and may be called back."""
    return a_person(**{"party": Party.REPORTER, "values": A_REPORTER, **changes})


async def keep(
    database: Database,
    keys: VaultKeys,
    person: Person,
    *,
    consents: Set[ConsentScope] = EVERY_CONSENT,
    at: datetime = NOW,
) -> Mapping[Kind, Entry]:
    """Put a person into the vault, as intake does with a report; answers the entries by kind."""
    entries = seal_person(keys, person, consents=consents, at=at, new_id=new_id)
    async with database.transaction() as work:
        await add_entries(work.connection, entries)
        for scope in sorted(consents):
            consent = Consent(new_id(), person.owner_id, scope, "v1", ConsentChannel.PHONE, at)
            await add_consent(work.connection, consent)
    return {entry.kind: entry for entry in entries}


async def put_case(
    database: Database,
    case_id: UUID,
    state: CaseState,
    *,
    assignee: str | None = COURIER.name,
    at: datetime = NOW,
) -> None:
    """Let a case stand somewhere, as the projection of its events would."""
    values = {"case_id": case_id, "state": state, "unit_id": assignee, "at": at}
    async with database.transaction() as work:
        await work.connection.execute(
            text(
                "INSERT INTO case_status (case_id, state, sequence, unit_id, changed_at) "
                "VALUES (:case_id, :state, 1, :unit_id, :at) ON CONFLICT (case_id) DO UPDATE "
                "SET state = excluded.state, sequence = case_status.sequence + 1, unit_id = excluded.unit_id, "
                "changed_at = excluded.changed_at"
            ),
            values,
        )


async def closed_days_ago(database: Database, keys: VaultKeys, person: Person, days: float) -> Mapping[Kind, Entry]:
    """A person whose case was closed so many days ago, an hour after it was told."""
    closed_at = NOW - timedelta(days=days)
    entries = await keep(database, keys, person, at=closed_at - timedelta(hours=1))
    await put_case(database, person.case_id, CaseState.CLOSED, at=closed_at)
    return entries


async def rows(database: Database, table: str) -> Sequence[Mapping[str, Any]]:
    """All rows of a table."""
    return await database.fetch(f"SELECT * FROM {table} ORDER BY 1")
