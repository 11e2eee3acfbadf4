"""What is run as a server, and how does it want to be stopped?"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.account import Account


@dataclass(frozen=True, slots=True)
class Command:
    """One server's command line and habits.

    Arguments:
        name: for messages.
        port: where it listens on the loopback address.
        folder: its working directory.
        log: what it prints is appended there.
        is_ready: whether it answers its clients now.
        grace_s: after `stop_signal` it has this long before it is killed.
        account: as whom it runs, if not as the caller.
        environment: variables beside the caller's.
    """

    name: str
    argv: tuple[str, ...]
    port: int
    folder: Path
    log: Path
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 15.0
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
