"""How does a test get a table with exactly one mistake in it?"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path


def spoiled(shipped: Path, folder: Path, *, key: str, field: str, value: str) -> Path:
    """A copy of a shipped table in which the row that begins with `key` has another value in one field."""
    rows = rows_of(shipped)
    for row in rows:
        if next(iter(row.values())) == key:
            row[field] = value
    return written(folder / shipped.name, rows)


def with_row(shipped: Path, folder: Path, *, before: str = "", **cells: str) -> Path:
    """A copy of a shipped table with one more row, in front of the row that begins with `before`, or at the end."""
    rows = rows_of(shipped)
    keys = [next(iter(row.values())) for row in rows]
    place = keys.index(before) if before else len(rows)
    rows.insert(place, dict.fromkeys(rows[0], "") | cells)
    return written(folder / shipped.name, rows)


def without_row(shipped: Path, folder: Path, *, key: str) -> Path:
    """A copy of a shipped table without the row that begins with `key`."""
    return written(folder / shipped.name, [row for row in rows_of(shipped) if next(iter(row.values())) != key])


def line_of(path: Path, key: str) -> int:
    """The line, counted from 1, of the last row that begins with `key`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, start=1) if line.startswith(f"{key},"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
