"""Which questions does a category ask, and what is an answer to each?

The types are those of an Open311 GeoReport v2 service definition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from lamplight_events.catalogue import CatalogueError, load_categories, load_groups
from lamplight_events.tables import SLUG, Row, read_table

ATTRIBUTES_PATH = Path(__file__).parent / "data" / "attributes.csv"
VALUES_PATH = Path(__file__).parent / "data" / "attribute_values.csv"
ATTRIBUTE_COLUMNS = (
    "asked_of", "code", "datatype", "required", "private", "order", "low", "high", "values",
    "question_zh", "question_en", "hint_zh", "hint_en",
)  # fmt: skip
VALUE_COLUMNS = ("list", "key", "name_zh", "name_en")

MOST_STRING = 200
MOST_TEXT = 4_000
MOST_NUMBER = 1_000_000.0
MOST_QUESTIONS = 20


class Datatype(StrEnum):
    """What kind of answer a question takes; `text` may have several lines, `string` one."""

    STRING = "string"
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    SINGLE = "singlevaluelist"
    MULTI = "multivaluelist"


LISTS = frozenset({Datatype.SINGLE, Datatype.MULTI})
TEXTS = frozenset({Datatype.STRING, Datatype.TEXT})


@dataclass(frozen=True, slots=True)
class AttributeValue:
    """One answer that may be chosen."""

    key: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """One question.

    Arguments:
        is_private: the answer is personal or about health: it belongs into the vault, never into an event.
        low: the least number; 0 for all other types.
        high: the greatest number, or the most characters of a text; 0 for all other types.
        values: what may be chosen, for the two lists only.
    """

    code: str
    datatype: Datatype
    is_required: bool
    is_private: bool
    order: int
    low: float
    high: float
    values: tuple[AttributeValue, ...]
    question_zh: str
    question_en: str
    hint_zh: str
    hint_en: str


def attributes_of(category: str) -> tuple[Attribute, ...]:
    """The questions of a category in their order; none where it asks nothing."""
    return load_attributes().get(category, ())


@cache
def load_attributes(
    path: Path = ATTRIBUTES_PATH, values_path: Path = VALUES_PATH
) -> Mapping[str, tuple[Attribute, ...]]:
    """The questions by category; one row may ask several categories or a whole group.

    Raises:
        CatalogueError: an unknown category or list, a code or an order that a category has twice, limits that do not
            fit the type, a list that nobody uses; with file, line and field.
    """
    lists = load_values(values_path)
    found: dict[str, list[Attribute]] = {}
    used: set[str] = set()
    rows = list(read_table(path, ATTRIBUTE_COLUMNS, error=CatalogueError))
    for row in rows:
        attribute = _attribute(row, lists)
        used.add(row.optional("values"))
        for slug in _asked(row):
            _add(row, found.setdefault(slug, []), attribute, slug)
    if unused := sorted(set(lists) - used):
        rows[-1].refuse("values", f"the file ends without a use of the list {unused[0]}")
    return MappingProxyType({slug: tuple(sorted(each, key=lambda one: one.order)) for slug, each in found.items()})


@cache
def load_values(path: Path = VALUES_PATH) -> Mapping[str, tuple[AttributeValue, ...]]:
    """The lists of values by name, in the order of the file; raises CatalogueError as `load_attributes` does."""
    lists: dict[str, dict[str, AttributeValue]] = {}
    for row in read_table(path, VALUE_COLUMNS, error=CatalogueError):
        values, key = lists.setdefault(row.slug("list"), {}), row.slug("key")
        if key in values:
            row.refuse("key", f"{key} is in the list {row.text('list')} already")
        values[key] = AttributeValue(key, row.text("name_zh"), row.text("name_en"))
    return MappingProxyType({name: tuple(values.values()) for name, values in lists.items()})


def _add(row: Row, known: list[Attribute], attribute: Attribute, slug: str) -> None:
    if any(other.code == attribute.code for other in known):
        row.refuse("code", f"{slug} is asked {attribute.code} already")
    if any(other.order == attribute.order for other in known):
        row.refuse("order", f"{slug} has another question at {attribute.order}")
    if len(known) == MOST_QUESTIONS:
        row.refuse("asked_of", f"{slug} is asked {MOST_QUESTIONS} questions already, which is the most")
    known.append(attribute)


def _attribute(row: Row, lists: Mapping[str, tuple[AttributeValue, ...]]) -> Attribute:
    datatype = row.choice("datatype", Datatype)
    low, high = _limits(row, datatype)
    return Attribute(
        code=row.matching("code", re.compile(rf"(?=.{{1,40}}$){SLUG.pattern}")),
        datatype=datatype,
        is_required=row.flag("required"),
        is_private=row.flag("private"),
        order=int(row.number("order", low=1, high=99)),
        low=low,
        high=high,
        values=_values(row, datatype, lists),
        question_zh=row.text("question_zh"),
        question_en=row.text("question_en"),
        hint_zh=row.optional("hint_zh"),
        hint_en=row.optional("hint_en"),
    )


def _limits(row: Row, datatype: Datatype) -> tuple[float, float]:
    if datatype is Datatype.NUMBER:
        low = row.number("low", low=-MOST_NUMBER, high=MOST_NUMBER)
        return low, row.number("high", low=low, high=MOST_NUMBER)
    if row.optional("low"):
        row.refuse("low", f"must be empty for a {datatype}")
    if datatype in TEXTS:
        most = MOST_STRING if datatype is Datatype.STRING else MOST_TEXT
        return 0.0, row.number("high", low=1, high=most) if row.optional("high") else float(most)
    if row.optional("high"):
        row.refuse("high", f"must be empty for a {datatype}")
    return 0.0, 0.0


def _values(
    row: Row, datatype: Datatype, lists: Mapping[str, tuple[AttributeValue, ...]]
) -> tuple[AttributeValue, ...]:
    if datatype not in LISTS:
        return row.refuse("values", f"must be empty for a {datatype}") if row.optional("values") else ()
    name = row.text("values")
    return lists[name] if name in lists else row.refuse("values", f"{name!r} is none of {', '.join(lists)}")


def _asked(row: Row) -> list[str]:
    """The categories that are asked: each name is a category or a group."""
    slugs: list[str] = []
    for name in row.text("asked_of").split():
        if name in load_groups():
            slugs += [slug for slug, category in load_categories().items() if category.group.slug == name]
        elif name in load_categories():
            slugs.append(name)
        else:
            row.refuse("asked_of", f"{name!r} is no category and no group")
    return slugs
