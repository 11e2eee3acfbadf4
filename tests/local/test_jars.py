"""Are Kafka's jars complete and unharmed whatever happened to the cache?"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local.failure import CannotRun
from deploy.local.jars import LOCK_FILE, Jar, ensure_jars, locked_jars
from tests.local.builders import a_jar

JARS = (a_jar("one"), a_jar("two"))


class FakeRepository:
    """Hands out one content for every jar, and remembers what was asked for."""

    def __init__(self, content: bytes = b"classes") -> None:
        self.content = content
        self.asked: list[str] = []

    def fetch(self, jar: Jar, staging: Path) -> Path:
        self.asked.append(jar.artifact)
        path = staging / jar.file_name
        path.write_bytes(self.content)
        return path


def refuse(jar: Jar, staging: Path) -> Path:
    raise ConnectionError("no route to host")


def test_the_lock_file_names_every_jar_by_its_hash_and_no_address() -> None:
    jars = locked_jars()

    assert len(jars) == 46
    assert all(len(jar.sha256) == 64 and jar.size_bytes > 0 for jar in jars)
    assert "://" not in LOCK_FILE.read_text(encoding="utf-8")


def test_all_parts_of_kafka_in_the_lock_file_are_of_one_version() -> None:
    assert {jar.version for jar in locked_jars() if jar.group == "org.apache.kafka"} == {"4.3.1"}


def test_an_empty_cache_is_filled(tmp_path: Path) -> None:
    paths = ensure_jars(JARS, tmp_path, FakeRepository().fetch)

    assert [path.name for path in paths] == ["one-1.0.jar", "two-1.0.jar"]
    assert all(path.read_bytes() == b"classes" for path in paths)


def test_a_filled_cache_needs_no_network(tmp_path: Path) -> None:
    ensure_jars(JARS, tmp_path, FakeRepository().fetch)

    paths = ensure_jars(JARS, tmp_path, refuse)

    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("damage", [b"clas", b"CLASSES", b""], ids=["partial", "corrupt", "empty"])
def test_a_damaged_jar_alone_is_fetched_again(tmp_path: Path, damage: bytes) -> None:
    first, _second = ensure_jars(JARS, tmp_path, FakeRepository().fetch)
    first.write_bytes(damage)
    repository = FakeRepository()

    ensure_jars(JARS, tmp_path, repository.fetch)

    assert repository.asked == ["one"]
    assert first.read_bytes() == b"classes"


def test_a_jar_with_another_hash_is_never_used(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="another SHA-256 than the lock file says"):
        ensure_jars(JARS[:1], tmp_path, FakeRepository(b"evil").fetch)

    assert not (tmp_path / "kafka" / "one-1.0.jar").exists()


def test_without_network_and_jars_the_user_reads_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"no route to host.*connect to the network once, or set LAMPLIGHT_CACHE"):
        ensure_jars(JARS, tmp_path, refuse)


def test_a_cache_that_cannot_be_written_is_named_with_the_variable(tmp_path: Path) -> None:
    no_folder = tmp_path / "cache"
    no_folder.write_text("")

    with pytest.raises(CannotRun, match="set LAMPLIGHT_CACHE to a folder you may write to"):
        ensure_jars(JARS, no_folder, FakeRepository().fetch)


def test_two_processes_filling_the_cache_fetch_each_jar_once(tmp_path: Path) -> None:
    repository = FakeRepository()
    both_began = threading.Barrier(2)

    def fill(_: int) -> tuple[Path, ...]:
        both_began.wait()
        return ensure_jars(JARS, tmp_path, slow_fetch)

    def slow_fetch(jar: Jar, staging: Path) -> Path:
        time.sleep(0.05)
        return repository.fetch(jar, staging)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(fill, range(2))

    assert first == second
    assert sorted(repository.asked) == ["one", "two"]


def test_nothing_half_fetched_stays_in_the_cache(tmp_path: Path) -> None:
    ensure_jars(JARS, tmp_path, FakeRepository().fetch)

    assert sorted(path.name for path in (tmp_path / "kafka").iterdir()) == ["lock", "one-1.0.jar", "two-1.0.jar"]
