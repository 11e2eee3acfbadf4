"""Which jars is Kafka made of, and are they here unharmed?"""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.cache import VARIABLE
from deploy.local.failure import CannotRun
from deploy.local.progress import Say, silent

LOCK_FILE = Path(__file__).parents[1] / "kafka.lock"
TRIES = 3
PARALLEL_DOWNLOADS = 6


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of the lock: its Maven coordinate, its SHA-256 in hex and its size."""

    group: str
    artifact: str
    version: str
    sha256: str
    size_bytes: int

    @property
    def coordinate(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


Fetch = Callable[[Jar, Path], Path]  # brings one jar into the given empty folder, raises OSError or RuntimeError


def locked_jars(lock_file: Path = LOCK_FILE) -> tuple[Jar, ...]:
    """The jars in class path order, as the lock file lists them."""
    lines = lock_file.read_text(encoding="utf-8").splitlines()
    return tuple(_parse(line) for line in lines if line and not line.startswith("#"))


def ensure_jars(jars: Sequence[Jar], cache: Path, fetch: Fetch, say: Say = silent) -> tuple[Path, ...]:
    """Return the paths of all jars, every one checked against its SHA-256; missing and damaged ones are fetched.

    Several processes may fill the cache at once: one fetches, the others wait for it.

    Raises:
        CannotRun: a jar is missing and cannot be had.
    """
    folder = cache / "kafka"
    if _damaged(jars, folder):
        with _alone_in(folder):
            _fetch_all(_damaged(jars, folder), folder, fetch, say)
    say(f"Kafka's {len(jars)} jars are complete in {folder}")
    return tuple(folder / jar.file_name for jar in jars)


def _parse(line: str) -> Jar:
    coordinate, digest, size_bytes = line.split()
    group, artifact, version = coordinate.split(":")
    return Jar(group, artifact, version, digest.removeprefix("sha256:"), int(size_bytes))


def _damaged(jars: Sequence[Jar], folder: Path) -> list[Jar]:
    return [jar for jar in jars if not _is_intact(folder / jar.file_name, jar)]


def _is_intact(path: Path, jar: Jar) -> bool:
    if not path.is_file() or path.stat().st_size != jar.size_bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise CannotRun(
            f"Kafka's jars cannot be kept in {folder} ({error.strerror}): set {VARIABLE} to a folder you may write to."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch_all(jars: Sequence[Jar], folder: Path, fetch: Fetch, say: Say) -> None:
    if not jars:
        return
    say(f"Downloading {len(jars)} jars, {sum(jar.size_bytes for jar in jars) / 1e6:.0f} MB")
    pool = ThreadPoolExecutor(PARALLEL_DOWNLOADS)
    try:
        list(pool.map(lambda jar: _fetch_intact(jar, folder, fetch), jars))
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch_intact(jar: Jar, folder: Path, fetch: Fetch) -> None:
    reason = ""
    for attempt in range(TRIES):
        time.sleep(attempt * 0.5)
        try:
            with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as staging:
                fetched = fetch(jar, Path(staging))
                if _is_intact(fetched, jar):
                    fetched.replace(folder / jar.file_name)
                    return
            reason = "what came has another SHA-256 than the lock file says"
        except (OSError, RuntimeError) as error:
            reason = str(error) or type(error).__name__
    raise CannotRun(
        f"Kafka's jar {jar.coordinate} is not in {folder} and could not be downloaded ({reason}): connect to the "
        f"network once, or set {VARIABLE} to a folder that has the jars."
    )
