"""Is what a killed run left behind cleared away, and nothing else?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from deploy.local.leftovers import clear_leftovers, forget_dead_postmaster
from deploy.local.processes import ProcessMark
from deploy.local.progress import silent
from tests.local.builders import a_dead_process, a_record, a_sleeping_process


def test_a_server_that_survived_its_starter_and_its_keeper_is_killed() -> None:
    with a_sleeping_process() as survivor:
        clear_leftovers(a_record(a_dead_process(), Kafka=survivor), silent, keeper_time_s=0.1)

        assert not survivor.is_alive()


def test_a_later_process_with_the_same_id_is_left_alone() -> None:
    with a_sleeping_process() as stranger:
        mistaken = ProcessMark(pid=stranger.pid, created_s=stranger.created_s - 3600)

        clear_leftovers(a_record(a_dead_process(), Kafka=mistaken), silent, keeper_time_s=0.1)

        assert stranger.is_alive()


def test_a_run_that_ended_well_leaves_nothing_to_say() -> None:
    said: list[str] = []

    clear_leftovers(a_record(a_dead_process(), Kafka=a_dead_process()), said.append)
    clear_leftovers(None, said.append)

    assert said == []


def test_a_postmaster_file_with_the_id_of_another_program_is_removed(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")

    forget_dead_postmaster(tmp_path)

    assert not (tmp_path / "postmaster.pid").exists()


def test_a_postmaster_file_of_a_dead_process_is_left_to_postgresql(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "postmaster.pid").write_text(f"{ended.pid}\n{tmp_path}\n")

    forget_dead_postmaster(tmp_path)

    assert (tmp_path / "postmaster.pid").exists()


def test_an_empty_postmaster_file_is_removed(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").touch()

    forget_dead_postmaster(tmp_path)

    assert not (tmp_path / "postmaster.pid").exists()
