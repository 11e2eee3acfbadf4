"""Are benchmarks found by their ids, and nothing imported for it?"""

from __future__ import annotations

from pathlib import Path

from tests.bench.benchmarks import DISPATCHING, find_benchmarks


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_the_benchmarks_of_the_spine_are_found() -> None:
    assert {"P1", "P3", "P4", "P6", "P7"} <= {benchmark.id for benchmark in find_benchmarks()}


def test_a_module_with_an_id_is_a_benchmark_and_any_other_is_not(tmp_path: Path) -> None:
    write(tmp_path, "p9_something.py", 'ID = "P9"\n')
    write(tmp_path, "helpers.py", 'OTHER = "P8"\n')

    assert [benchmark.id for benchmark in find_benchmarks(tmp_path)] == ["P9"]


def test_a_missing_or_empty_dispatching_folder_is_no_failure(tmp_path: Path) -> None:
    write(tmp_path, "p9_something.py", 'ID: str = "P9"\n')
    before = find_benchmarks(tmp_path)
    (tmp_path / DISPATCHING).mkdir()

    assert find_benchmarks(tmp_path) == before


def test_benchmarks_of_dispatching_take_the_data_folder_alone(tmp_path: Path) -> None:
    write(tmp_path, "p9_something.py", 'ID = "P9"\n')
    write(tmp_path / DISPATCHING, "greedy.py", 'ID = "D1"\n')

    assert [(benchmark.id, benchmark.takes_data) for benchmark in find_benchmarks(tmp_path)] == [
        ("D1", True),
        ("P9", False),
    ]


def test_finding_a_benchmark_imports_nothing_of_it(tmp_path: Path) -> None:
    write(tmp_path, "p9_something.py", 'raise SystemExit("imported")\nID = "P9"\n')

    assert [benchmark.module for benchmark in find_benchmarks(tmp_path)] == ["tests.bench.p9_something"]
