"""May a report whose point lies outside the city come in all the same, by the channel it came through?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from lamplight_events.tables import Row, TableError, read_table, unique
from lamplight_events.vocabulary import Source

OUTSIDE_PATH = Path(__file__).parent.parent / "data" / "outside_city.csv"
OUTSIDE_COLUMNS = ("source", "answer", "max_km", "note")
MOST_KM = 500


class OutsideError(TableError):
    """A table of outside rules with a mistake in it."""


class OutsideAnswer(StrEnum):
    """What happens to a point in no street."""

    REFUSE = "refuse"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class OutsideRule:
    """The rule of one channel; `max_km` is how far from the city it still accepts."""

    source: Source
    answer: OutsideAnswer
    max_km: float
    note: str


@cache
def load_outside_rules(path: Path = OUTSIDE_PATH) -> Mapping[Source, OutsideRule]:
    """One rule for every channel.

    Raises:
        OutsideError: an unknown, doubled or missing channel, a distance without a rule that needs one or the other way
            round; with file, line and field.
    """
    rows = list(read_table(path, OUTSIDE_COLUMNS, error=OutsideError))
    rules = {rule.source: rule for _, rule in unique(rows, "source", _rule)}
    for source in Source:
        if source not in rules:
            rows[-1].refuse("source", f"the file ends without a rule for {source}")
    return MappingProxyType(rules)


def _rule(row: Row) -> OutsideRule:
    answer = row.choice("answer", OutsideAnswer)
    if answer is OutsideAnswer.REFUSE and row.optional("max_km"):
        row.refuse("max_km", "must be empty where the answer is refuse")
    max_km = row.number("max_km", low=0.1, high=MOST_KM) if answer is OutsideAnswer.ACCEPT else 0.0
    return OutsideRule(row.choice("source", Source), answer, max_km, row.text("note"))
