"""Is the archive of Kafka's classes used when it is there, and never needed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.class_archive import archive_flags, archive_path, record_classes

WRITES_THE_ARCHIVE = '#!/bin/sh\necho classes > "$4"\n'
FAILS = "#!/bin/sh\nexit 1\n"


def a_java(folder: Path, jcmd: str | None) -> Path:
    """The path of a Java whose `jcmd` is this shell script, if it has one."""
    java = folder / "java"
    java.touch()
    if jcmd is not None:
        (folder / "jcmd").write_text(jcmd)
        (folder / "jcmd").chmod(0o755)
    return java


def test_a_recorded_archive_is_used_at_the_next_start(tmp_path: Path) -> None:
    archive = tmp_path / "classes.jsa"

    recorded = record_classes(a_java(tmp_path, WRITES_THE_ARCHIVE), 1, archive)

    assert recorded
    assert f"-XX:SharedArchiveFile={archive}" in archive_flags(archive)


@pytest.mark.parametrize("jcmd", [None, FAILS], ids=["a Java without jcmd", "a jcmd that fails"])
def test_without_an_archive_kafka_starts_as_ever(tmp_path: Path, jcmd: str | None) -> None:
    archive = tmp_path / "classes.jsa"

    recorded = record_classes(a_java(tmp_path, jcmd), 1, archive)

    assert not recorded
    assert archive_flags(archive) == ()


def test_other_jars_and_another_java_have_another_archive(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    java, other_java = a_java(tmp_path, None), a_java(tmp_path / "other", None)
    jars, other_jars = [tmp_path / "kafka-1.jar"], [tmp_path / "kafka-2.jar"]

    archives = {archive_path(java, jars), archive_path(java, other_jars), archive_path(other_java, jars)}

    assert len(archives) == 3
