"""Which kinds of matter does the city know, and what do the code standards call them?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from lamplight_events.tables import Row, TableError, read_table, unique

CATEGORIES_PATH = Path(__file__).parent / "data" / "categories.csv"
GROUPS_PATH = Path(__file__).parent / "data" / "groups.csv"
GROUP_COLUMNS = ("slug", "kind", "gb_major", "name_zh", "name_en")
CATEGORY_COLUMNS = (
    "slug",
    "name_zh",
    "name_en",
    "kind",
    "origin",
    "group",
    "gb_code",
    "cjt_code",
    "shortest_limit",
    "longest_limit",
    "patrol_settles",
)

FALLBACK_SLUG = "other"
"""The category of a report that fits no other."""

_CODE = re.compile(r"\d{4}")
_MAJOR = re.compile(r"\d{2}")
_LIMIT = re.compile(r"([1-9]\d{0,2}) (\w+)")


class CatalogueError(TableError):
    """A catalogue file with a mistake in it; nothing of it is used."""


class CategoryKind(StrEnum):
    """Whether a category is about something that happens, something that stands there, or help for somebody."""

    EVENT = "event"
    COMPONENT = "component"
    SERVICE = "service"


class CategoryOrigin(StrEnum):
    """Where a category comes from: the standard itself, a city's numbered extension of it, or this project."""

    STANDARD = "standard"
    EXTENSION = "extension"
    PROJECT = "project"


class CodeScheme(StrEnum):
    """A standard that numbers categories; a bare number says nothing without it."""

    GBT_30428 = "gbt30428.2-2013"
    CJT_214 = "cjt214-2007"


class LimitUnit(StrEnum):
    """How the time of a limit runs: urgent units run through nights and holidays, work units do not."""

    URGENT_HOUR = "urgent_hour"
    URGENT_DAY = "urgent_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"


_LEAST_HOURS = {
    LimitUnit.URGENT_HOUR: 1,
    LimitUnit.URGENT_DAY: 24,
    LimitUnit.WORK_HOUR: 1,
    LimitUnit.WORK_DAY: 8,
}


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a matter may take, such as two hours that run through the night."""

    amount: int
    unit: LimitUnit


@dataclass(frozen=True, slots=True)
class Group:
    """A major class of categories; `gb_major` is its number in GB/T 30428.2-2013, empty where it has none."""

    slug: str
    kind: CategoryKind
    gb_major: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of matter.

    Arguments:
        gb_code: major and minor number in GB/T 30428.2-2013, unique only together with `kind`; empty where unknown.
        cjt_code: the same in CJ/T 214-2007, where the majors 04 and 05 of events are the other way round.
        shortest_limit: the limit of the most urgent filing condition; a city's own standards go before it.
        longest_limit: the limit of the least urgent filing condition.
        patrol_settles: whether a patrol may settle it on the spot by persuading.
    """

    slug: str
    name_zh: str
    name_en: str
    kind: CategoryKind
    origin: CategoryOrigin
    group: Group
    gb_code: str
    cjt_code: str
    shortest_limit: Limit
    longest_limit: Limit
    patrol_settles: bool


@cache
def load_categories(path: Path = CATEGORIES_PATH) -> Mapping[str, Category]:
    """All categories by slug, in the order of the file.

    Raises:
        CatalogueError: for the first mistake, with file, line and field.
    """
    groups = load_groups()
    rows = list(read_table(path, CATEGORY_COLUMNS, error=CatalogueError))
    categories = dict(unique(rows, "slug", lambda row: _category(row, groups)))
    _check_standard_codes(rows)
    if FALLBACK_SLUG not in categories:
        rows[-1].refuse("slug", f"the file ends without the category {FALLBACK_SLUG}")
    return MappingProxyType(categories)


@cache
def load_groups(path: Path = GROUPS_PATH) -> Mapping[str, Group]:
    """All groups by slug; raises CatalogueError as `load_categories` does."""
    rows = read_table(path, GROUP_COLUMNS, error=CatalogueError)
    return MappingProxyType(dict(unique(rows, "slug", _group)))


def category_by_code(scheme: CodeScheme, kind: CategoryKind, code: str) -> Category | None:
    """The category that a standard means by major and minor number, such as `0501`; None for a number not in the list.

    Where several share a number, a category of the standard goes before one of the project, else the first in the file.
    """
    return _by_code().get((scheme, kind, code))


@cache
def _by_code() -> Mapping[tuple[CodeScheme, CategoryKind, str], Category]:
    found: dict[tuple[CodeScheme, CategoryKind, str], Category] = {}
    for category in sorted(load_categories().values(), key=lambda each: each.origin is CategoryOrigin.PROJECT):
        for scheme, code in ((CodeScheme.GBT_30428, category.gb_code), (CodeScheme.CJT_214, category.cjt_code)):
            if code:
                found.setdefault((scheme, category.kind, code), category)
    return MappingProxyType(found)


def _group(row: Row) -> Group:
    return Group(
        slug=row.slug("slug"),
        kind=row.choice("kind", CategoryKind),
        gb_major=row.matching("gb_major", _MAJOR) if row.optional("gb_major") else "",
        name_zh=row.text("name_zh"),
        name_en=row.text("name_en"),
    )


def _category(row: Row, groups: Mapping[str, Group]) -> Category:
    shortest, longest = _limit(row, "shortest_limit"), _limit(row, "longest_limit")
    if _least_hours(shortest) > _least_hours(longest):
        row.refuse("longest_limit", "is shorter than shortest_limit")
    group = _group_of(row, groups)
    return Category(
        slug=row.slug("slug"),
        name_zh=row.text("name_zh"),
        name_en=row.text("name_en"),
        kind=group.kind,
        origin=row.choice("origin", CategoryOrigin),
        group=group,
        gb_code=_gb_code(row, group),
        cjt_code=_code(row, "cjt_code"),
        shortest_limit=shortest,
        longest_limit=longest,
        patrol_settles=row.flag("patrol_settles"),
    )


def _group_of(row: Row, groups: Mapping[str, Group]) -> Group:
    kind, slug = row.choice("kind", CategoryKind), row.text("group")
    if slug not in groups:
        row.refuse("group", f"{slug!r} is none of {', '.join(groups)}")
    if groups[slug].kind is not kind:
        row.refuse("kind", f"{kind} does not fit the group {slug}, which is of kind {groups[slug].kind}")
    return groups[slug]


def _gb_code(row: Row, group: Group) -> str:
    code = _code(row, "gb_code")
    if code and code[:2] != group.gb_major:
        row.refuse("gb_code", f"{code} does not begin with {group.gb_major or 'any number'}, the major of {group.slug}")
    return code


def _code(row: Row, field: str) -> str:
    return row.matching(field, _CODE) if row.optional(field) else ""


def _limit(row: Row, field: str) -> Limit:
    value = row.text(field)
    match = _LIMIT.fullmatch(value)
    if match is None or match[2] not in {unit.value for unit in LimitUnit}:
        row.refuse(field, f"{value!r} is not an amount and one of {', '.join(LimitUnit)}")
    return Limit(amount=int(match[1]), unit=LimitUnit(match[2]))


def _least_hours(limit: Limit) -> int:
    return limit.amount * _LEAST_HOURS[limit.unit]


def _check_standard_codes(rows: list[Row]) -> None:
    """Two rows of the standard never share a number; a category of the project may borrow one."""
    standard = (row for row in rows if row.optional("origin") != CategoryOrigin.PROJECT)
    first_line: dict[tuple[str, str], int] = {}
    for row in standard:
        code = row.optional("kind"), row.text("gb_code")
        if code in first_line:
            row.refuse("gb_code", f"{code[1]} is already on line {first_line[code]}")
        first_line[code] = row.line
