"""Which command runs the local Kafka and PostgreSQL from a terminal?"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from deploy.local.failure import AlreadyRunning, CannotRun
from deploy.local.jars import LOCK_FILE
from deploy.local.launch import start
from deploy.local.maven import write_lock
from deploy.local.progress import Say, timed_lines
from deploy.local.run_record import RunRecord
from deploy.local.stack import Stack
from deploy.local.takedown import take_down

DEFAULT_FOLDER = Path("build/local")
SERVICES = ("intake", "dispatch", "notify")
WATCH_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _read(arguments)
    command: Callable[[argparse.Namespace, Say], int] = options.run
    try:
        return command(options, timed_lines(sys.stderr))
    except CannotRun as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def up(options: argparse.Namespace, say: Say) -> int:
    """Run the servers until Ctrl-C or SIGTERM; a second one of the same folder says where the first one is."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as under nohup
            signal.signal(ending, _interrupt)
    try:
        stack = start(options.folder, kafka_port=options.kafka_port, postgres_port=options.postgres_port, say=say)
    except AlreadyRunning as running:
        sys.stdout.write(f"{running}\n")
        return 0
    with stack:
        try:
            return _serve(stack)
        except KeyboardInterrupt:
            say("Stopping")
            return 0


def down(options: argparse.Namespace, say: Say) -> int:
    """Stop the servers of a folder, whoever started them."""
    say(take_down(options.folder))
    return 0


def status(options: argparse.Namespace, _say: Say) -> int:
    """Say where the servers of a folder are; exit status 1 when they do not run."""
    record = RunRecord.read(options.folder)
    if record is None or not record.has_live_server():
        sys.stdout.write(f"No servers run in {options.folder}.\n")
        return 1
    sys.stdout.write(f"Started by process {record.owner.pid}\n")
    for name, address in (("Kafka", record.bootstrap_servers), ("PostgreSQL", record.database_url)):
        mark = record.servers.get(name)
        condition = f"process {mark.pid}" if mark and mark.is_alive() else "not running"
        sys.stdout.write(f"{name:<11}{address}  {condition}\n")
    return 0


def lock(_options: argparse.Namespace, say: Say) -> int:
    """Write the lock file of Kafka's jars anew."""
    say(f"{write_lock(LOCK_FILE)} jars are listed in {LOCK_FILE}")
    return 0


def _serve(stack: Stack) -> int:
    databases = {service: stack.ensure_database(service) for service in SERVICES}
    sys.stdout.write(_exports(stack.bootstrap_servers, databases))
    sys.stdout.flush()
    while (stopped := stack.stopped_by_itself()) is None:
        time.sleep(WATCH_S)
    sys.stderr.write(f"{stopped} stopped by itself: see its log in {stack.folder}.\n")
    return 1


def _exports(bootstrap_servers: str, databases: Mapping[str, str]) -> str:
    lines = [f"export KAFKA_BOOTSTRAP_SERVERS={bootstrap_servers}"]
    lines += [f"export {service.upper()}_DATABASE_URL={url}" for service, url in databases.items()]
    return "\n".join(lines) + "\n"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no TCP port: give a number from 1 to 65535")
    return int(text)


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for run in (up, down, status, lock):
        command = commands.add_parser(run.__name__, help=run.__doc__)
        command.set_defaults(run=run)
        if run is not lock:
            command.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="data folder (%(default)s)")
        if run is up:
            command.add_argument("--kafka-port", type=_port, help="fixed port of Kafka (default: a free one)")
            command.add_argument("--postgres-port", type=_port, help="fixed port of PostgreSQL (default: a free one)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
