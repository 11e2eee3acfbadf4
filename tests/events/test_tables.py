"""Does a table with a mistake in its form always say where the mistake is?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplight_events.tables import TableError, read_table, unique

COLUMNS = ("slug", "name")


def table(folder: Path, content: bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content)
    return path


def test_rows_are_read_by_column_name_in_any_order(tmp_path: Path) -> None:
    path = table(tmp_path, "name,slug\n点亮,lamp\n".encode())

    (row,) = read_table(path, COLUMNS)

    assert (row.line, row.text("slug"), row.text("name")) == (2, "lamp", "点亮")


def test_a_file_saved_by_a_spreadsheet_is_read_too(tmp_path: Path) -> None:
    path = table(tmp_path, b"\xef\xbb\xbfslug,name\r\nlamp,Lamp \r\n\r\n")

    (row,) = read_table(path, COLUMNS)

    assert (row.text("slug"), row.text("name")) == ("lamp", "Lamp")


@pytest.mark.parametrize(
    ("content", "line", "field", "reason"),
    [
        (b"", 1, "", "not a column"),
        (b"slug,name\n", 1, "file", "no rows"),
        (b"slug,name,colour\nlamp,Lamp,red\n", 1, "colour", "not a column"),
        (b"slug\nlamp\n", 1, "name", "missing"),
        (b"slug,name,name\nlamp,Lamp,Lamp\n", 1, "name", "more than once"),
        (b"slug,name\nlamp,Lamp\nshort\n", 3, "row", "1 cells instead of 2"),
        (b"slug,name\nlamp,Lamp,long\n", 2, "row", "3 cells instead of 2"),
        (b'slug,name\nlamp,"Lamp\n', 2, "row", "unexpected end"),
        (b"slug,name\nlamp,\xff\n", 0, "file", "UTF-8"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_place(
    tmp_path: Path, content: bytes, line: int, field: str, reason: str
) -> None:
    path = table(tmp_path, content)

    with pytest.raises(TableError, match=reason) as refusal:
        read_table(path, COLUMNS)

    assert (refusal.value.path, refusal.value.line, refusal.value.field) == (path, line, field)


def test_a_missing_file_is_refused_like_a_wrong_one(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No such file"):
        read_table(tmp_path / "nowhere.csv", COLUMNS)


def test_the_second_row_with_the_same_key_is_refused_and_points_to_the_first(tmp_path: Path) -> None:
    path = table(tmp_path, b"slug,name\nlamp,Lamp\nlamp,Other\n")

    with pytest.raises(TableError, match=r"line 3, slug: lamp is already on line 2"):
        dict(unique(read_table(path, COLUMNS), "slug", lambda row: row.text("name")))


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "11", "five", ""])
def test_a_number_outside_its_bounds_is_refused(tmp_path: Path, value: str) -> None:
    (row,) = read_table(table(tmp_path, f"slug,name\nlamp,{value}\n".encode()), COLUMNS)

    with pytest.raises(TableError, match=r"line 2, name"):
        row.number("name", low=0, high=10)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_nothing_but_a_table_error_comes_out(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = table(tmp_path_factory.mktemp("any"), b"slug,name\n" + content)

    try:
        rows = list(read_table(path, COLUMNS))
    except TableError:
        rows = []

    assert all(set(row.cells) == set(COLUMNS) for row in rows)
