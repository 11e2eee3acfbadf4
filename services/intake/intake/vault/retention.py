"""How long is each kind of personal data kept, what is left afterwards, and when may a person have it erased?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from intake.vault.entries import Kind, Party
from intake.vault.standing import Standing
from lamplight_events.tables import Row, TableError, read_table

RETENTION_PATH = Path(__file__).parents[1] / "data" / "retention.csv"
COLUMNS = ("party", "kind", "keep_days", "then", "on_withdrawal", "hold_days", "source")
FINDABLE = frozenset({Kind.NAME, Kind.PHONE})

_DAYS = re.compile(r"\d{1,4}")


class Remainder(StrEnum):
    """What is left of an entry when its time is over."""

    NOTHING = "nothing"
    HASH = "hash"


class OnWithdrawal(StrEnum):
    """What becomes of an entry when the consent that it rested on is withdrawn."""

    DELETE = "delete"
    LOCK = "lock"


class RetentionError(TableError):
    """A retention file with a mistake in it; nothing of it is used."""


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """The rule for one kind of value of one party; days count from the closing of the case.

    Arguments:
        hold: how long after the closing, and always before it, a person's wish to have it erased must wait; None if
            it never must.
    """

    party: Party
    kind: Kind
    keep: timedelta
    then: Remainder
    on_withdrawal: OnWithdrawal
    hold: timedelta | None

    @property
    def id(self) -> str:
        """How the deletion register names the rule."""
        return f"{self.party}.{self.kind}"

    def why_held(self, standing: Standing, *, at: datetime) -> str | None:
        """Why an entry may not be erased yet, or None when it may."""
        if self.hold is None:
            return None
        if standing.closed_at is None:
            return "the case is still open"
        end = standing.closed_at + self.hold
        return f"the case may be reopened until {end.isoformat()}" if at < end else None


Retention = Mapping[tuple[Party, Kind], RetentionRule]


@cache
def load_retention(path: Path = RETENTION_PATH) -> Retention:
    """The rules by party and kind; every pair has one.

    Raises:
        RetentionError: for the first mistake, with file, line and field.
    """
    rules: dict[tuple[Party, Kind], RetentionRule] = {}
    rows = list(read_table(path, COLUMNS, error=RetentionError))
    for row in rows:
        rule = _rule(row)
        if (rule.party, rule.kind) in rules:
            row.refuse("kind", f"{rule.id} is there twice")
        rules[rule.party, rule.kind] = rule
    for party in Party:
        for kind in Kind:
            if (party, kind) not in rules:
                rows[-1].refuse("kind", f"the file ends without a rule for {party}.{kind}")
    return MappingProxyType(rules)


def _rule(row: Row) -> RetentionRule:
    row.text("source")
    kind, then = row.choice("kind", Kind), row.choice("then", Remainder)
    if then is Remainder.HASH and kind not in FINDABLE:
        row.refuse("then", f"there is no hash of {kind} that could be left")
    keep, hold = _days(row, "keep_days"), _days(row, "hold_days") if row.optional("hold_days") else None
    if hold is not None and hold > keep:
        row.refuse("hold_days", "is longer than keep_days")
    return RetentionRule(
        party=row.choice("party", Party),
        kind=kind,
        keep=keep,
        then=then,
        on_withdrawal=row.choice("on_withdrawal", OnWithdrawal),
        hold=hold,
    )


def _days(row: Row, field: str) -> timedelta:
    return timedelta(days=int(row.matching(field, _DAYS)))
