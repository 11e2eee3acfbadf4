"""How do a program or a test get a Kafka and a PostgreSQL of their own?"""

from __future__ import annotations

from pathlib import Path

from deploy.local.account import server_account
from deploy.local.cache import cache_folder
from deploy.local.failure import CannotRun, PortTaken
from deploy.local.folder import DataFolder
from deploy.local.jars import ensure_jars, locked_jars
from deploy.local.java import find_java
from deploy.local.kafka import Kafka
from deploy.local.leftovers import clear_leftovers
from deploy.local.maven import fetch_from_maven
from deploy.local.ports import Ports, choose_ports
from deploy.local.postgres import Postgres
from deploy.local.postgres_place import find_programs, make_home
from deploy.local.progress import Say, silent
from deploy.local.run_record import RunRecord
from deploy.local.stack import Stack

TRIES = 3  # when another program takes a free port before the server does


def start(folder: Path, *, kafka_port: int | None = None, postgres_port: int | None = None, say: Say = silent) -> Stack:
    """Start Kafka and PostgreSQL with their data in `folder`, and return when both serve.

    The folder is made when it does not exist; what is in it stays. Without a port given, the ports of the run before
    are used when they are free, else random free ones. The servers stop with `Stack.stop`, and when this process
    ends in any other way.

    Raises:
        AlreadyRunning: another process runs the servers of this folder.
        PortTaken: a given port is in use.
        CannotRun: anything else that keeps them from running, in a sentence for the user.
    """
    data = DataFolder(folder)
    try:
        return _start_in(data, kafka_port, postgres_port, say)
    except BaseException:
        data.release()
        raise


def _start_in(data: DataFolder, kafka_port: int | None, postgres_port: int | None, say: Say) -> Stack:
    earlier = RunRecord.read(data.path)
    clear_leftovers(earlier, say)
    kafka, postgres = _find_parts(data, say)
    tries_left = TRIES
    while True:
        ports = choose_ports(kafka=kafka_port, postgres=postgres_port, before=earlier.ports if earlier else None)
        _set_up(data, kafka, postgres, ports, say)
        stack = Stack(data, kafka, postgres, ports)
        tries_left -= 1
        try:
            _start_servers(stack, kafka, say)
            return stack
        except PortTaken:
            if tries_left == 0:
                raise


def _find_parts(data: DataFolder, say: Say) -> tuple[Kafka, Postgres]:
    account = server_account()
    kafka = Kafka(
        home=data.path / "kafka",
        java=find_java(),
        jars=ensure_jars(locked_jars(), cache_folder(), fetch_from_maven, say),
    )
    postgres = Postgres(
        home=make_home(data.path, account),
        programs=find_programs(account),
        log=data.path / "postgres.log",
        password=data.password(),
        account=account,
    )
    return kafka, postgres


def _set_up(data: DataFolder, kafka: Kafka, postgres: Postgres, ports: Ports, say: Say) -> None:
    for name, part in (("Kafka", kafka), ("PostgreSQL", postgres)):
        if data.is_complete and not part.data.exists():
            raise CannotRun(
                f"The {name} data of {data.path} was in {part.data} and is gone: put it back, or move {data.path} "
                "away and start empty."
            )
    if not postgres.data.exists():
        postgres.initialise()
        say("PostgreSQL is set up")
    if not kafka.data.exists():
        kafka.format(ports)
        say("Kafka is set up")
    kafka.configure(ports)
    if not data.is_complete:
        data.mark_complete()


def _start_servers(stack: Stack, kafka: Kafka, say: Say) -> None:
    try:
        say(f"Starting Kafka at {stack.bootstrap_servers} and PostgreSQL at port {stack.ports.postgres}")
        stack.start()
        say("Ready")
        _archive_classes(kafka, stack, say)
    except BaseException:
        stack.stop_servers()
        raise


def _archive_classes(kafka: Kafka, stack: Stack, say: Say) -> None:
    if program := kafka.archiving():
        stack.run_beside(program)
        say("Kafka's next start will take half the time: its classes are being archived meanwhile")
