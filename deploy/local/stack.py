"""What can be done with a running Kafka and PostgreSQL?"""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.command import Program
from deploy.local.failure import CannotRun
from deploy.local.folder import DataFolder
from deploy.local.kafka import Kafka
from deploy.local.kept_process import KeptProcess
from deploy.local.leftovers import forget_dead_postmaster
from deploy.local.ports import HOST, Ports
from deploy.local.postgres import SUPERUSER, Postgres
from deploy.local.processes import ProcessMark
from deploy.local.run_record import RunRecord
from deploy.local.server import Server

DATABASE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Stack:
    """A Kafka and a PostgreSQL with their data in one folder.

    `deploy.local.launch.start` makes it; leaving it as a context stops both. Not thread-safe: one thread at a time
    starts, kills and stops.
    """

    def __init__(self, folder: DataFolder, kafka: Kafka, postgres: Postgres, ports: Ports) -> None:
        self._folder = folder
        self._postgres_files = postgres
        self.ports = ports
        self._kafka = Server(kafka.command(ports))
        self._postgres = Server(postgres.command(ports.postgres))
        self._servers = (self._kafka, self._postgres)
        self._beside: list[KeptProcess] = []

    @property
    def folder(self) -> Path:
        return self._folder.path

    @property
    def bootstrap_servers(self) -> str:
        return f"{HOST}:{self.ports.kafka}"

    @property
    def superuser_url(self) -> str:
        """The address of the `postgres` database as superuser, for asyncpg, psql and SQLAlchemy alike."""
        return self.database_url("postgres")

    @property
    def kafka_pid(self) -> int | None:
        return self._kafka.mark.pid if self._kafka.mark else None

    @property
    def postgres_pid(self) -> int | None:
        return self._postgres.mark.pid if self._postgres.mark else None

    def database_url(self, name: str) -> str:
        """The address of one database, with the superuser's name and password."""
        return f"postgresql://{SUPERUSER}:{self._postgres_files.password}@{HOST}:{self.ports.postgres}/{name}"

    def create_database(self, name: str) -> str:
        """Create an empty database and return its address; raises CannotRun when it exists."""
        self._postgres_files.run_sql(self.ports.postgres, f'CREATE DATABASE "{_checked(name)}"')
        return self.database_url(name)

    def ensure_database(self, name: str) -> str:
        """Create the database unless it exists, and return its address."""
        found = self._postgres_files.run_sql(
            self.ports.postgres, f"SELECT 1 FROM pg_database WHERE datname = '{_checked(name)}'"
        )
        return self.database_url(name) if found else self.create_database(name)

    def drop_database(self, name: str) -> None:
        """Drop a database with its connections; a missing one is no error."""
        self._postgres_files.run_sql(self.ports.postgres, f'DROP DATABASE IF EXISTS "{_checked(name)}" WITH (FORCE)')

    def start_kafka(self) -> None:
        """Start Kafka on its port and data, and return when it serves."""
        self._kafka.start()
        self._record()
        self._kafka.wait_ready()

    def start_postgres(self) -> None:
        """Start PostgreSQL on its port and data, and return when it serves."""
        forget_dead_postmaster(self._postgres_files.data)
        self._postgres.start()
        self._record()
        self._postgres.wait_ready()

    def kill_kafka(self) -> None:
        """Kill Kafka with SIGKILL; returns when the process is gone."""
        self._kafka.kill()

    def kill_postgres(self) -> None:
        """Kill PostgreSQL and all its backends with SIGKILL; returns when they are gone."""
        self._postgres.kill()

    def start(self) -> None:
        """Start both at the same time, and return when both serve."""
        self._kafka.start()
        forget_dead_postmaster(self._postgres_files.data)
        self._postgres.start()
        self._record()
        self._postgres.wait_ready()
        self._kafka.wait_ready()

    def run_beside(self, program: Program) -> None:
        """Run something that may end whenever it likes, and is killed with the servers."""
        self._beside.append(KeptProcess(program))

    def stopped_by_itself(self) -> str | None:
        """The name of a server that should run and does not, for a program that watches over both."""
        return next((s.command.name for s in self._servers if s.has_stopped_by_itself()), None)

    def stop(self) -> None:
        """Stop both with their data written, and let others use the folder; does nothing the second time."""
        self.stop_servers()
        self._folder.release()

    def stop_servers(self) -> None:
        """Stop both at the same time, and return when they are gone."""
        self._kafka.ask_to_stop()
        self._postgres.stop()
        self._kafka.stop()
        while self._beside:
            self._beside.pop().kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _record(self) -> None:
        servers = {s.command.name: s.mark for s in self._servers if s.mark}
        record = RunRecord(
            owner=ProcessMark.of(os.getpid()),
            ports=self.ports,
            bootstrap_servers=self.bootstrap_servers,
            database_url=self.superuser_url,
            servers=servers,
        )
        record.write(self.folder)


def _checked(name: str) -> str:
    if not DATABASE_NAME.fullmatch(name):
        raise CannotRun(f"{name!r} is no database name: use lower-case letters, digits and underscores, at most 63.")
    return name
