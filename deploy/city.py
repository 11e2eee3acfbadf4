"""How does the whole system run on one machine: Kafka, PostgreSQL, and any number of instances of each service?"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.command import Command
from deploy.local.failure import CannotRun
from deploy.local.launch import start
from deploy.local.ports import CHOICE, HOST, is_free
from deploy.local.progress import Say, silent
from deploy.local.server import Server
from deploy.local.stack import Stack

SERVICES = ("intake", "dispatch", "notify")
ONE_OF_EACH: Mapping[str, int] = dict.fromkeys(SERVICES, 1)
READY_TIMEOUT_S = 60.0
POLL_S = 0.05
PROBE_TIMEOUT_S = 2.0
STOP_GRACE_S = 10.0


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a service: `number` counts from 1."""

    service: str
    number: int

    def __str__(self) -> str:
        return f"{self.service}-{self.number}"


Entry = Callable[[str], tuple[str, ...]]


def own_entry(service: str) -> tuple[str, ...]:
    """A service is run by its own package."""
    return (service,)


class City:
    """A stack with services on it. `start_city` makes it; leaving it as a context stops everything it started."""

    def __init__(self, stack: Stack, environment: Mapping[str, str], entry: Entry) -> None:
        self.stack = stack
        self._environment = environment
        self._entry = entry
        self._servers: dict[Instance, Server] = {}

    @property
    def instances(self) -> tuple[Instance, ...]:
        """All instances that were ever started, running or not."""
        return tuple(self._servers)

    @property
    def variables(self) -> Mapping[str, str]:
        """What a service needs in its environment to work with this stack."""
        urls = {f"{service.upper()}_DATABASE_URL": self.stack.database_url(service) for service in SERVICES}
        # On one machine everybody is a friend, unless somebody tries out what strangers may do.
        rights = {"RIGHTS_MODE": os.environ.get("RIGHTS_MODE", "open")}
        photos = {"EVIDENCE_FOLDER": str(self.stack.folder / "evidence")}
        broker = {"KAFKA_BOOTSTRAP_SERVERS": self.stack.bootstrap_servers}
        return {**broker, **rights, **photos, **urls, **self._environment}

    def url(self, service: str, number: int = 1) -> str:
        """Where an instance answers HTTP."""
        return f"http://{HOST}:{self._servers[Instance(service, number)].command.port}"

    def pid(self, instance: Instance) -> int | None:
        """The process of an instance, None when it is not running."""
        mark = self._servers[instance].mark
        return mark.pid if mark else None

    def prepare(self) -> None:
        """Create the topics and bring the databases to their newest revisions; harmless when that was done."""
        for service in SERVICES:
            self.stack.ensure_database(service)
        steps = [["deploy.topics"], *([service, "migrate"] for service in SERVICES)]
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._run_module, steps))

    def start_instance(self, instance: Instance) -> None:
        """Start an instance, on the port it had before; returns at once."""
        if instance not in self._servers:
            self._servers[instance] = Server(self._command(instance))
        self._servers[instance].start()

    def kill_instance(self, instance: Instance) -> None:
        """Kill an instance with SIGKILL; returns when it is gone."""
        self._servers[instance].kill()

    def stop_instance(self, instance: Instance) -> None:
        """Ask an instance to stop with SIGTERM; returns when it is gone."""
        self._servers[instance].stop()

    def is_ready(self, instance: Instance) -> bool:
        """Whether an instance can do all of its work now."""
        return _is_ready(self._servers[instance].command.port)

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Return when every instance is ready.

        Raises:
            CannotRun: one stopped by itself, or is not ready in time; the sentence names its log.
        """
        deadline_s = time.monotonic() + timeout_s
        for instance, server in self._servers.items():
            while not self.is_ready(instance):
                if server.has_stopped_by_itself() or time.monotonic() > deadline_s:
                    raise CannotRun(f"{instance} is not ready: see {server.command.log}.")
                time.sleep(POLL_S)

    def stopped_by_itself(self) -> str | None:
        """A sentence about a process that should run and does not, which names its log; None while all run."""
        if name := self.stack.stopped_by_itself():
            return f"{name} stopped by itself: its log is in {self.stack.folder}."
        stopped = next((server for server in self._servers.values() if server.has_stopped_by_itself()), None)
        return str(stopped.why_it_stopped()) if stopped else None

    def stop(self) -> None:
        """Stop the services, then the stack."""
        for server in self._servers.values():
            server.ask_to_stop()
        for server in self._servers.values():
            server.stop()
        self.stack.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _command(self, instance: Instance) -> Command:
        port = self._free_port()
        names = {"INSTANCE_ID": str(instance.number), f"{instance.service.upper()}_PORT": str(port)}
        return Command(
            name=str(instance),
            argv=(sys.executable, "-m", *self._entry(instance.service)),
            port=port,
            folder=self.stack.folder,
            log=self.stack.folder / f"{instance}.log",
            is_ready=lambda: _is_ready(port),
            grace_s=STOP_GRACE_S,
            environment={**self.variables, **names},
        )

    def _free_port(self) -> int:
        taken = {server.command.port for server in self._servers.values()}
        return next(port for port in random.sample(CHOICE, len(CHOICE)) if port not in taken and is_free(port))

    def _run_module(self, arguments: list[str]) -> None:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotRun(f"`{' '.join(arguments)}` failed: {done.stdout[-1000:]}{done.stderr[-2000:]}")


def start_city(
    folder: Path,
    *,
    instances: Mapping[str, int] = ONE_OF_EACH,
    environment: Mapping[str, str] | None = None,
    entry: Entry = own_entry,
    say: Say = silent,
) -> City:
    """Start Kafka, PostgreSQL and so many instances of each service, and return when all are ready.

    Arguments:
        environment: settings for the services beside their addresses.
        entry: which module, with which arguments, runs a service.

    Raises:
        CannotRun: with a sentence for the user; nothing is left running.
    """
    city = City(start(folder, say=say), environment or {}, entry)
    try:
        say("Preparing topics and databases")
        city.prepare()
        say(f"Starting {', '.join(f'{count} x {service}' for service, count in instances.items())}")
        for service, count in instances.items():
            for number in range(1, count + 1):
                city.start_instance(Instance(service, number))
        city.wait_ready()
    except BaseException:
        city.stop()
        raise
    say("The services are ready")
    return city


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/ready", timeout=PROBE_TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
