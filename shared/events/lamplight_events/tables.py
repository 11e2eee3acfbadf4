"""Which rows does a strict CSV file hold, and where exactly is each mistake in it?"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NoReturn, TextIO, TypeVar

SLUG = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
FLAGS = {"yes": True, "no": False}

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)


class TableError(ValueError):
    """A data file that must not be used: says which file, line and field, and what is wrong there."""

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        super().__init__(f"{path}, line {line}, {field}: {reason}")
        self.path = path
        self.line = line
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, whose cells are read by name; each reader refuses what it cannot take.

    Arguments:
        line: the line in the file where the row ends, counted from 1.
        error: the family of error that this table raises.
    """

    path: Path
    line: int
    cells: dict[str, str]
    error: type[TableError]

    def refuse(self, field: str, reason: str) -> NoReturn:
        raise self.error(self.path, self.line, field, reason)

    def optional(self, field: str) -> str:
        """The cell's text, empty when nothing is in it."""
        return self.cells[field]

    def text(self, field: str) -> str:
        value = self.cells[field]
        return value if value else self.refuse(field, "is empty")

    def matching(self, field: str, pattern: re.Pattern[str]) -> str:
        value = self.text(field)
        return (
            value if pattern.fullmatch(value) else self.refuse(field, f"{value!r} is not of the form {pattern.pattern}")
        )

    def slug(self, field: str) -> str:
        return self.matching(field, SLUG)

    def choice(self, field: str, choices: type[Choice]) -> Choice:
        value = self.text(field)
        known = {member.value: member for member in choices}
        return known[value] if value in known else self.refuse(field, f"{value!r} is none of {', '.join(known)}")

    def flag(self, field: str) -> bool:
        value = self.text(field)
        return FLAGS[value] if value in FLAGS else self.refuse(field, f"{value!r} is neither yes nor no")

    def day(self, field: str) -> date:
        value = self.text(field)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(field, f"{value!r} is not a day such as 2023-06-30")

    def number(self, field: str, *, low: float, high: float) -> float:
        value = self.text(field)
        try:
            number = float(value)
        except ValueError:
            self.refuse(field, f"{value!r} is not a number")
        return number if low <= number <= high else self.refuse(field, f"{value} is not between {low} and {high}")


def read_table(path: Path, columns: Sequence[str], *, error: type[TableError] = TableError) -> Iterator[Row]:
    """Read a UTF-8 CSV file that has exactly these columns, in any order, and at least one row.

    Raises:
        TableError: in the given family, for a missing file, an unknown or missing column, a row that is too long or
            too short, or text that is no UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(path, file, columns, error))
    except OSError as cause:
        raise error(path, 0, "file", cause.strerror or "cannot be read") from cause
    except UnicodeDecodeError as cause:
        raise error(path, 0, "file", "is not UTF-8") from cause
    if not rows:
        raise error(path, 1, "file", "has no rows")
    return iter(rows)


def unique(rows: Iterable[Row], field: str, parse: Callable[[Row], T]) -> Iterator[tuple[str, T]]:
    """Parse each row, keyed by its cell `field`; a key that was seen before is refused."""
    first_line: dict[str, int] = {}
    for row in rows:
        key = row.text(field)
        if key in first_line:
            row.refuse(field, f"{key} is already on line {first_line[key]}")
        first_line[key] = row.line
        yield key, parse(row)


def _rows(path: Path, file: TextIO, columns: Sequence[str], error: type[TableError]) -> Iterator[Row]:
    reader = csv.reader(file, strict=True)
    try:
        header = next(reader, [""])
        _check_header(path, header, columns, error)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise error(path, reader.line_num, "row", f"has {len(cells)} cells instead of {len(header)}")
            yield Row(path, reader.line_num, dict(zip(header, map(str.strip, cells), strict=True)), error)
    except csv.Error as cause:
        raise error(path, reader.line_num, "row", str(cause)) from cause


def _check_header(path: Path, header: Sequence[str], columns: Sequence[str], error: type[TableError]) -> None:
    for column in header:
        if column not in columns:
            raise error(path, 1, column, f"is not a column; known are {', '.join(columns)}")
        if header.count(column) > 1:
            raise error(path, 1, column, "is there more than once")
    for column in columns:
        if column not in header:
            raise error(path, 1, column, "is missing")
