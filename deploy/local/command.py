"""What is run, and how does it want to be stopped?"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One command line and its habits.

    Arguments:
        folder: its working directory.
        log: what it prints is appended there.
        grace_s: after `stop_signal` it has this long before it is killed.
        account: as whom it runs, if not as the caller.
        environment: variables beside the caller's.
    """

    argv: tuple[str, ...]
    folder: Path
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 15.0
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Program):
    """A program that serves.

    Arguments:
        name: for messages.
        port: where it listens on the loopback address.
        is_ready: whether it answers its clients now.
    """

    name: str
    port: int
    is_ready: Callable[[], bool]
