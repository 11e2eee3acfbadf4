"""Whose is a data folder, what is in it, and may this version use it?"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from deploy.local import kafka, postgres
from deploy.local.failure import AlreadyRunning, CannotRun
from deploy.local.run_record import RunRecord
from deploy.local.whole_file import write_whole

LOCK_NAME = "launcher.lock"
VERSIONS: Mapping[str, str] = {"kafka": kafka.RELEASE, "postgresql": postgres.MAJOR}


class DataFolder:
    """A data folder that this process alone may use, until it is released or the process ends."""

    def __init__(self, path: Path) -> None:
        """Claim the folder, and make it when it does not exist.

        Raises:
            AlreadyRunning: another process uses it.
            CannotRun: it cannot be written, holds something else, or was made by other versions.
        """
        self.path = path.resolve()
        self._lock = _claim(self.path)
        try:
            _check_versions(self.path / "VERSION")
        except CannotRun:
            self.release()
            raise

    @property
    def is_complete(self) -> bool:
        """Whether a start has set up both servers here before."""
        return (self.path / "VERSION").exists()

    def mark_complete(self) -> None:
        """Stamp the folder with the versions of the servers that were set up in it."""
        write_whole(self.path / "VERSION", json.dumps(VERSIONS) + "\n")

    def password(self) -> str:
        """The database superuser's password, made at the first call."""
        path = self.path / "postgres.password"
        if not path.exists():
            write_whole(path, secrets.token_hex(16))
        return path.read_text(encoding="ascii")

    def release(self) -> None:
        """Let other processes use the folder."""
        self._lock.close()


def _claim(path: Path) -> IO[str]:
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not (path / LOCK_NAME).exists() and any(path.iterdir()):
            raise CannotRun(f"{path} holds something else: name an empty folder, or one that does not exist yet.")
        lock = (path / LOCK_NAME).open("w")
        with ExitStack() as on_refusal:
            on_refusal.enter_context(lock)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _check_owner(path, os.fstat(lock.fileno()).st_uid)
            on_refusal.pop_all()
    except BlockingIOError as error:
        raise AlreadyRunning(_where_it_runs(path)) from error
    except OSError as error:
        raise CannotRun(
            f"{path} cannot be used as data folder ({error.strerror}): name a folder that you may write to."
        ) from error
    return lock


def _check_owner(path: Path, owner: int) -> None:
    if owner != os.geteuid():
        raise CannotRun(f"{path} was made by user {owner} and you are user {os.geteuid()}: name another folder.")
    if owner == 0:
        path.chmod(path.stat().st_mode | 0o011)  # the account that PostgreSQL runs as has to pass


def _where_it_runs(path: Path) -> str:
    record = RunRecord.read(path)
    if record is None or not record.owner.is_alive():
        return f"Another process is starting the servers of {path}: wait for it, or name another folder."
    return (
        f"The servers of {path} are running already: Kafka at {record.bootstrap_servers}, PostgreSQL at "
        f"{record.database_place}, started by process {record.owner.pid}."
    )


def _check_versions(stamp: Path) -> None:
    if not stamp.exists():
        return
    found = _read_versions(stamp)
    if found != VERSIONS:
        raise CannotRun(
            f"{stamp.parent} was made by {_in_words(found)}, this is {_in_words(VERSIONS)}, and neither reads the "
            "other's files: name another folder, or move this one away and start empty."
        )


def _read_versions(stamp: Path) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = dict(json.loads(stamp.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return {"an unknown": "version"}
    return found


def _in_words(versions: Mapping[str, str]) -> str:
    return " and ".join(f"{name} {number}" for name, number in versions.items())
