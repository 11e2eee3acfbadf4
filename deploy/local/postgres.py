"""How is PostgreSQL set up and run for one machine with two cores?"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.local.account import Account, popen_identity
from deploy.local.command import Command
from deploy.local.failure import CannotRun
from deploy.local.ports import HOST
from deploy.local.server import telling_line

MAJOR = "18"  # what the data folder is stamped with; each major has its own file format
SUPERUSER = "lamplight"
# Unix sockets are off, so that nothing depends on how long a path may be.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # After a kill: one call for the whole disk where there is one, not one for each of a thousand files.
    "recovery_init_sync_method": "syncfs" if sys.platform == "linux" else "fsync",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# An empty database is not worth waiting for the disk: the system writes it within half a minute anyway.
INITDB_OPTIONS = (
    "--no-sync",
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """PostgreSQL's files, its programs, and the account it runs as.

    Arguments:
        home: the folder of its data; belongs to `account` when there is one.
        programs: the folder of `initdb`, `postgres` and `psql`.
        log: its log file.
        password: the superuser's.
    """

    home: Path
    programs: Path
    log: Path
    password: str
    account: Account | None

    @property
    def data(self) -> Path:
        return self.home / "data"

    def initialise(self) -> None:
        """Make the data folder as a whole or not at all.

        Raises:
            CannotRun: `initdb` refused.
        """
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = self.home / f"password.{secrets.token_hex(4)}"
        password_file.write_text(self.password, encoding="ascii")
        if self.account:
            self.account.own(password_file)
        try:
            self._run_initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self.data)

    def command(self, port: int) -> Command:
        """The running server; ready when it answers a query."""
        settings = [option for name, value in SETTINGS.items() for option in ("-c", f"{name}={value}")]
        return Command(
            name="PostgreSQL",
            port=port,
            argv=(str(self.programs / "postgres"), "-D", str(self.data), "-p", str(port), *settings),
            folder=self.home,
            log=self.log,
            is_ready=partial(self.answers, port),
            stop_signal=signal.SIGINT,  # its "fast" stop; at SIGTERM it would wait for its clients to leave
            grace_s=30.0,
            account=self.account,
            environment={"LC_ALL": "C"},
        )

    def answers(self, port: int) -> bool:
        """Whether the server answers a query."""
        return self._psql(port, "SELECT 1").returncode == 0

    def run_sql(self, port: int, statement: str) -> str:
        """Run one statement as the superuser and return its rows as text.

        Raises:
            CannotRun: with what the server said against it.
        """
        done = self._psql(port, statement)
        if done.returncode != 0:
            raise CannotRun(f"PostgreSQL refused `{statement}`: {telling_line(done.stderr)}")
        return done.stdout.strip()

    def _psql(self, port: int, statement: str) -> subprocess.CompletedProcess[str]:
        target = f"host={HOST} port={port} user={SUPERUSER} dbname=postgres connect_timeout=5"
        return subprocess.run(
            [str(self.programs / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", target, "-c", statement],
            env={**_environment(), "PGPASSWORD": self.password},
            capture_output=True,
            text=True,
            check=False,
        )

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        done = subprocess.run(
            [str(self.programs / "initdb"), "-D", str(folder), f"--pwfile={password_file}", *INITDB_OPTIONS],
            env={**_environment(), "LC_ALL": "C"},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            **popen_identity(self.account),
        )
        if done.returncode != 0:
            raise CannotRun(f"PostgreSQL could not set up {self.data}: {telling_line(done.stderr)}")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
