"""Which photos must stand beside a report, a hand-over or finished work?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from lamplight_events.catalogue import CatalogueError, Category, CategoryKind, load_categories, load_groups
from lamplight_events.tables import Row, read_table
from lamplight_events.vocabulary import Source

PHOTO_RULES_PATH = Path(__file__).parent / "data" / "photo_rules.csv"
PHOTO_RULE_COLUMNS = ("applies_to", "source", "moment", "photo_types", "note")
ANY = "*"
NO_PHOTO = "none"


class PhotoType(StrEnum):
    """What a photo shows: the thing close up, its surroundings, a landmark, the state before and after the work."""

    NEAR = "near"
    FAR = "far"
    REFERENCE = "reference"
    BEFORE = "before"
    AFTER = "after"


class Moment(StrEnum):
    """When photos are asked for."""

    REPORT = "report"
    HAND_OVER = "hand_over"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PhotoRule:
    """One line of the table; a category's own goes before its group's, that before its kind's.

    Arguments:
        applies_to: a category, a group, a kind, or `*`.
        source: one channel, or None for all.
    """

    applies_to: str
    source: Source | None
    moment: Moment
    photo_types: frozenset[PhotoType]
    note: str


def photos_needed(category: Category, moment: Moment, source: Source) -> frozenset[PhotoType]:
    """The types of which at least one photo each is needed; empty where none is."""
    wanted = (category.slug, category.group.slug, category.kind.value, ANY)
    applying = [
        rule
        for rule in load_photo_rules()
        if rule.moment is moment and rule.applies_to in wanted and rule.source in (source, None)
    ]
    return min(applying, key=lambda rule: (wanted.index(rule.applies_to), rule.source is None)).photo_types


@cache
def load_photo_rules(path: Path = PHOTO_RULES_PATH) -> Sequence[PhotoRule]:
    """All rules in the order of the file.

    Raises:
        CatalogueError: an unknown name, two rules for the same, or no rule for everything at some moment; with file,
            line and field.
    """
    rules: dict[tuple[str, Source | None, Moment], PhotoRule] = {}
    rows = list(read_table(path, PHOTO_RULE_COLUMNS, error=CatalogueError))
    for row in rows:
        rule = _rule(row)
        key = rule.applies_to, rule.source, rule.moment
        if key in rules:
            row.refuse("applies_to", f"{rule.applies_to} has another rule for {rule.moment} from {rule.source or ANY}")
        rules[key] = rule
    for moment in Moment:
        if (ANY, None, moment) not in rules:
            rows[-1].refuse("moment", f"the file ends without a rule of {ANY} for {moment}")
    return tuple(rules.values())


def _rule(row: Row) -> PhotoRule:
    applies_to = row.text("applies_to")
    if applies_to not in {ANY, *CategoryKind, *load_groups(), *load_categories()}:
        row.refuse("applies_to", f"{applies_to!r} is no category, group or kind, nor {ANY}")
    source = None if row.text("source") == ANY else row.choice("source", Source)
    return PhotoRule(applies_to, source, row.choice("moment", Moment), _photo_types(row), row.text("note"))


def _photo_types(row: Row) -> frozenset[PhotoType]:
    words = row.text("photo_types").split()
    if words == [NO_PHOTO]:
        return frozenset()
    for word in words:
        if word not in set(PhotoType):
            row.refuse("photo_types", f"{word!r} is none of {', '.join(PhotoType)}, nor {NO_PHOTO}")
    return frozenset(PhotoType(word) for word in words)
