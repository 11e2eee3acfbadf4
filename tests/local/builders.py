"""How does a test make the parts of the launcher: jars, small servers, records of a run?"""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.command import Command
from deploy.local.jars import Jar
from deploy.local.ports import HOST, Ports, choose_ports
from deploy.local.processes import ProcessMark
from deploy.local.run_record import RunRecord

NOBODY_UID = 65534
LISTENS = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"
IGNORES_ITS_STOP = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + LISTENS


def a_jar(name: str, content: bytes = b"classes") -> Jar:
    return Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest(), len(content))


def a_free_port() -> int:
    return choose_ports(kafka=None, postgres=None, before=None).kafka


def a_command(folder: Path, *, code: str = LISTENS, port: int | None = None, grace_s: float = 5.0) -> Command:
    """A server of one line of Python, which is ready when it listens."""
    port = port or a_free_port()
    return Command(
        name="Example",
        argv=(sys.executable, "-I", "-S", "-c", code, str(port)),
        port=port,
        folder=folder,
        log=folder / "example.log",
        is_ready=lambda: listens(port),
        grace_s=grace_s,
    )


def a_record(owner: ProcessMark, **servers: ProcessMark) -> RunRecord:
    return RunRecord(
        owner=owner,
        ports=Ports(kafka=20001, controller=20002, postgres=20003),
        bootstrap_servers="127.0.0.1:20001",
        database_url="postgresql://127.0.0.1:20003/postgres",
        servers=servers,
    )


def a_dead_process() -> ProcessMark:
    return ProcessMark(pid=os.getpid(), created_s=1.0)


@contextmanager
def a_sleeping_process() -> Iterator[ProcessMark]:
    """A process that does nothing, as the mark of it."""
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            yield ProcessMark.of(process.pid)
        finally:
            process.kill()


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user who is not root, whom file permissions do not hold back."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY_UID, NOBODY_UID, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def wait_until(is_so: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Return when it is so; fails the test when it takes too long."""
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline_s, "waited too long"
        time.sleep(0.02)
