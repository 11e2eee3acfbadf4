"""What is left of a run whose process was killed, and how is it cleared away?"""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from deploy.local.processes import POLL_S, kill_tree
from deploy.local.progress import Say
from deploy.local.run_record import RunRecord

# A keeper notices a killed parent within a second; a healthy server then stops in two or three.
KEEPER_TIME_S = 10.0


def clear_leftovers(record: RunRecord | None, say: Say, *, keeper_time_s: float = KEEPER_TIME_S) -> None:
    """Wait for the servers of a killed run to stop, and kill those that do not. Their owner must be gone."""
    if record is None:
        return
    alive = {name: mark for name, mark in record.servers.items() if mark.is_alive()}
    if not alive:
        return
    say(f"Waiting for {' and '.join(alive)} of a run that was killed")
    deadline_s = time.monotonic() + keeper_time_s
    while any(mark.is_alive() for mark in alive.values()) and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
    for mark in alive.values():
        if mark.is_alive():
            kill_tree(mark.pid)


def forget_dead_postmaster(data: Path) -> None:
    """Remove a `postmaster.pid` that is empty or names another program now, at which PostgreSQL would refuse to start.

    A file that names no living process is left alone: PostgreSQL clears it away itself, with its shared memory.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text(encoding="utf-8").split("\n", 1)[0]
    if not pid.isdecimal() or (psutil.pid_exists(int(pid)) and not _is_postmaster_of(int(pid), data)):
        pid_file.unlink()


def _is_postmaster_of(pid: int, data: Path) -> bool:
    try:
        return str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
