"""Which rows does a strict CSV file hold, and where exactly is each mistake in it?"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TextIO


class TableError(ValueError):
    """A file that must not be used: says which file, line and field, and what is wrong there."""

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        super().__init__(f"{path}, line {line}, {field}: {reason}")
        self.path = path
        self.line = line
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """One line, whose cells are read by name.

    Arguments:
        line: where the row ends in the file, counted from 1.
    """

    path: Path
    line: int
    cells: dict[str, str]

    def refuse(self, field: str, reason: str) -> NoReturn:
        raise TableError(self.path, self.line, field, reason)

    def text(self, field: str) -> str:
        return self.cells[field] or self.refuse(field, "is empty")

    def words(self, field: str) -> Sequence[str]:
        """The words of a cell, each only once; none in an empty one."""
        words = self.cells[field].split()
        for word in words:
            if words.count(word) > 1:
                self.refuse(field, f"{word!r} is there more than once")
        return words


def read_rows(path: Path, columns: Sequence[str]) -> Sequence[Row]:
    """Read a UTF-8 CSV file that has exactly these columns, in this order; it may have no rows.

    Raises:
        TableError: a missing file, other columns, a row that is too long or too short, text that is no UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_rows(path, file, columns))
    except OSError as error:
        raise TableError(path, 0, "file", error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise TableError(path, 0, "file", "is not UTF-8") from error


def _rows(path: Path, file: TextIO, columns: Sequence[str]) -> Iterator[Row]:
    reader = csv.reader(file, strict=True)
    try:
        if next(reader, []) != list(columns):
            raise TableError(path, 1, "header", f"must be {','.join(columns)}")
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(columns):
                raise TableError(path, reader.line_num, "row", f"has {len(cells)} cells instead of {len(columns)}")
            yield Row(path, reader.line_num, dict(zip(columns, map(str.strip, cells), strict=True)))
    except csv.Error as error:
        raise TableError(path, reader.line_num, "row", str(error)) from error
