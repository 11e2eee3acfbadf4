"""On which TCP ports of this machine do the servers listen?"""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass

from deploy.local.failure import CannotRun, PortTaken

HOST = "127.0.0.1"
# Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: a client that keeps
# trying to reach a killed server would otherwise be given the server's own port one day, and connect to itself.
CHOICE = range(20_000, 30_000)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the two servers listen; Kafka's controller has a port of its own."""

    kafka: int
    controller: int
    postgres: int


def choose_ports(*, kafka: int | None, postgres: int | None, before: Ports | None) -> Ports:
    """The ports the user fixed, else those of the run before if they are free, else random free ones.

    Raises:
        PortTaken: a port that the user fixed is in use.
    """
    fixed = (kafka, None, postgres)
    earlier = (before.kafka, before.controller, before.postgres) if before else (None, None, None)
    chosen: list[int] = []
    for wanted, last in zip(fixed, earlier, strict=True):
        chosen.append(require_free(wanted) if wanted else _free_port(last, chosen))
    if kafka is not None and kafka == postgres:
        raise PortTaken(f"Port {kafka} was named for both Kafka and PostgreSQL: name two ports, or none.")
    return Ports(*chosen)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    return _what_keeps_from(port) is None


def require_free(port: int) -> int:
    """The port itself; raises PortTaken when a server could not listen there."""
    if reason := _what_keeps_from(port):
        raise PortTaken(
            f"Port {port} cannot be used ({reason}): stop the program that has it, name another port, or name none and "
            "a free one is found."
        )
    return port


def _what_keeps_from(port: int) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error.strerror
    return None


def _free_port(last: int | None, taken: list[int]) -> int:
    candidates = ([last] if last else []) + random.sample(CHOICE, 200)
    port = next((port for port in candidates if port not in taken and is_free(port)), None)
    if port is None:
        raise CannotRun(f"No free port was found between {CHOICE.start} and {CHOICE.stop}: stop other programs first.")
    return port
