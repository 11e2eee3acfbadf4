"""Who may read what of whom, for what, and from when until when?"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from intake.vault.entries import Kind, Party
from intake.vault.sealing import Entry
from intake.vault.standing import Milestone, Standing, has_come
from lamplight_chassis.errors import Rejected
from lamplight_events.tables import Row, TableError, read_table

PURPOSES_PATH = Path(__file__).parents[1] / "data" / "purposes.csv"
COLUMNS = (
    "purpose", "role", "party", "kind", "condition", "valid_from", "valid_until", "confidential", "consent", "source",
)  # fmt: skip

SUBJECT_REQUEST = "subject_request"
"""The purpose of whoever serves a person that asks what is kept, or wants it gone."""


class Role(StrEnum):
    """Who can ask."""

    REPORTER = "reporter"
    COURIER = "courier"
    PATROL = "patrol"
    SQUAD = "squad"
    UNIT = "unit"
    COLLECTOR = "collector"
    COMMUNITY = "community"
    OPERATOR = "operator"
    SHIFT_LEADER = "shift_leader"
    ADMIN = "admin"
    INTEGRATION = "integration"


class Condition(StrEnum):
    """How the one who asks must stand to the case."""

    ANY_CASE = "any_case"
    ACCEPTED_COURIER = "accepted_courier"
    OWN_ZONE = "own_zone"


class ConsentScope(StrEnum):
    """What a person agrees to apart from asking for help (PIPL art. 23 and 29: each by itself)."""

    ERRAND = "errand"
    MEDICINES = "medicines"


class NotAllowed(Rejected):
    """Personal data is not given out; the reason is also in the audit."""


class PurposeError(TableError):
    """A purposes file with a mistake in it; nothing of it is used."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the name is an account's, the zones those that the account works for."""

    name: str
    role: str
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Permission:
    """One line of the table: valid while `valid_from` is reached and `valid_until` is not."""

    condition: Condition
    valid_from: Milestone
    valid_until: Milestone
    includes_confidential: bool
    consent: ConsentScope | None


Key = tuple[str, str, Party, Kind]


@dataclass(frozen=True, slots=True)
class Purposes:
    """The whole table, by purpose, role, party and kind."""

    permissions: Mapping[Key, Permission]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(purpose for purpose, *_ in self.permissions)

    def of_role(self, role: str) -> frozenset[str]:
        """For what a role may ask at all."""
        return frozenset(purpose for purpose, owner, *_ in self.permissions if owner == role)

    def resting_on(self, scope: ConsentScope) -> frozenset[tuple[Party, Kind]]:
        """What is read with this consent."""
        return frozenset(key[2:] for key, permission in self.permissions.items() if permission.consent is scope)

    def why_not_kept(self, party: Party, kind: Kind, consents: Set[ConsentScope]) -> str | None:
        """Why a value must not even be stored: because nobody could ever read it. None when it may."""
        scopes = {
            permission.consent
            for (purpose, _, *about), permission in self.permissions.items()
            if (party, kind) == tuple(about) and purpose != SUBJECT_REQUEST
        }
        if not scopes:
            return f"nobody needs the {kind} of a {party}"
        if None in scopes or scopes & consents:
            return None
        return f"the {kind} of a {party} must not be kept without consent for {', '.join(sorted(map(str, scopes)))}"


@cache
def load_purposes(path: Path = PURPOSES_PATH) -> Purposes:
    """The table of purposes.

    Raises:
        PurposeError: for the first mistake, with file, line and field.
    """
    permissions: dict[Key, Permission] = {}
    rows = list(read_table(path, COLUMNS, error=PurposeError))
    for row in rows:
        key = (
            row.slug("purpose"),
            row.choice("role", Role).value,
            row.choice("party", Party),
            row.choice("kind", Kind),
        )
        if key in permissions:
            row.refuse("kind", f"{' '.join(key)} is there twice")
        permissions[key] = _permission(row)
    _check_subject_requests(rows[-1], permissions)
    return Purposes(MappingProxyType(permissions))


def why_not(
    purposes: Purposes,
    entry: Entry,
    *,
    purpose: str,
    actor: Actor,
    case_id: UUID,
    standing: Standing,
    consents: Set[ConsentScope],
) -> str | None:
    """Why an entry is not given out for a purpose now, or None when it is."""
    permission = purposes.permissions.get((purpose, actor.role, entry.party, entry.kind))
    if permission is None:
        return "not_for_this_purpose"
    if entry.case_id != case_id:
        return "other_case"
    if entry.is_confidential and not permission.includes_confidential:
        return "confidential"
    return (
        _unmet(permission.condition, actor, entry, standing)
        or _out_of_time(permission, standing)
        or _withheld(permission, entry, consents, purpose)
    )


def _unmet(condition: Condition, actor: Actor, entry: Entry, standing: Standing) -> str | None:
    if condition is Condition.ACCEPTED_COURIER and standing.assignee != actor.name:
        return "not_the_accepted_courier"
    if condition is Condition.OWN_ZONE and entry.zone not in actor.zones:
        return "outside_own_zones"
    return None


def _out_of_time(permission: Permission, standing: Standing) -> str | None:
    if not has_come(standing.reached, permission.valid_from):
        return "too_early"
    return "too_late" if has_come(standing.reached, permission.valid_until) else None


def _withheld(permission: Permission, entry: Entry, consents: Set[ConsentScope], purpose: str) -> str | None:
    if entry.emptied_at is not None:
        return "deleted"
    if entry.locked_at is not None and purpose != SUBJECT_REQUEST:
        return "locked"
    return "no_consent" if permission.consent is not None and permission.consent not in consents else None


def _permission(row: Row) -> Permission:
    row.text("source")
    valid_from, valid_until = row.choice("valid_from", Milestone), row.choice("valid_until", Milestone)
    if has_come(valid_from, valid_until):
        row.refuse("valid_until", f"{valid_until} does not come after {valid_from}")
    return Permission(
        condition=row.choice("condition", Condition),
        valid_from=valid_from,
        valid_until=valid_until,
        includes_confidential=row.flag("confidential"),
        consent=row.choice("consent", ConsentScope) if row.optional("consent") else None,
    )


def _check_subject_requests(last: Row, permissions: Mapping[Key, Permission]) -> None:
    """A person's right is to the whole: a role that serves it gets everything."""
    roles = sorted({role for purpose, role, *_ in permissions if purpose == SUBJECT_REQUEST})
    for role, party, kind in product(roles, Party, Kind):
        if (SUBJECT_REQUEST, role, party, kind) not in permissions:
            last.refuse("kind", f"the file ends without {SUBJECT_REQUEST} for {role}, {party}, {kind}")
