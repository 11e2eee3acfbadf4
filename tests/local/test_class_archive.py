"""Is the archive of Kafka's classes used when it is there, and never needed?"""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy.local.class_archive import archive_flags, archive_path, archiving

WRITES_AN_ARCHIVE = ("sh", "-c", 'cat "${2#*=}" > "${3#*=}"', "java")
FAILS = ("false",)


def a_run_of_kafka(home: Path, classes: str = "one id: 1\ntwo id: 2\n") -> Path:
    """The folder of a Kafka that listed its classes."""
    home.mkdir()
    (home / "classes.list").write_text(classes)
    return home


def archive_with(java: tuple[str, ...], home: Path, archive: Path) -> None:
    program = archiving(archive, home, java, ("-cp", "kafka.jar"))
    assert program is not None
    subprocess.run(program.argv, cwd=program.folder, check=False)


def test_without_an_archive_java_lists_the_classes_for_one(tmp_path: Path) -> None:
    assert archive_flags(tmp_path / "classes.jsa") == ("-XX:DumpLoadedClassList=classes.list",)


def test_an_archive_is_written_into_the_cache_and_used_from_then_on(tmp_path: Path) -> None:
    archive = tmp_path / "cached classes.jsa"

    archive_with(WRITES_AN_ARCHIVE, a_run_of_kafka(tmp_path / "kafka"), archive)

    assert archive.read_text() == "one id: 1\ntwo id: 2\n"
    assert f"-XX:SharedArchiveFile={archive}" in archive_flags(archive)
    assert not (tmp_path / "kafka" / "classes.jsa").exists()


def test_a_line_that_kafka_has_not_finished_is_left_out(tmp_path: Path) -> None:
    archive = tmp_path / "classes.jsa"

    archive_with(WRITES_AN_ARCHIVE, a_run_of_kafka(tmp_path / "kafka", "one id: 1\ntw"), archive)

    assert archive.read_text() == "one id: 1\n"


def test_a_java_that_cannot_write_one_leaves_nothing_behind(tmp_path: Path) -> None:
    home = a_run_of_kafka(tmp_path / "kafka")

    archive_with(FAILS, home, tmp_path / "classes.jsa")

    assert [path.name for path in tmp_path.iterdir()] == ["kafka"]
    assert not (home / "classes.jsa").exists()


def test_there_is_nothing_to_do_with_an_archive_or_without_a_list(tmp_path: Path) -> None:
    home = a_run_of_kafka(tmp_path / "kafka")
    (tmp_path / "classes.jsa").touch()

    assert archiving(tmp_path / "classes.jsa", home, FAILS, ()) is None
    assert archiving(tmp_path / "other.jsa", tmp_path, FAILS, ()) is None


def test_other_jars_and_another_java_have_another_archive(tmp_path: Path) -> None:
    java, other_java = tmp_path / "java", tmp_path / "other-java"
    java.touch()
    other_java.touch()
    jars, other_jars = [tmp_path / "kafka-1.jar"], [tmp_path / "kafka-2.jar"]

    archives = {archive_path(java, jars), archive_path(java, other_jars), archive_path(other_java, jars)}

    assert len(archives) == 3
