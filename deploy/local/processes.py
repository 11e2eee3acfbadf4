"""Is a process that was seen before still alive, and how is it killed with all that it started?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import psutil

POLL_S = 0.02
GONE_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """A process, told apart from a later one with the same id by the second it was created in."""

    pid: int
    created_s: float

    @classmethod
    def of(cls, pid: int) -> Self:
        return cls(pid=pid, created_s=psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        """Whether it runs; one that has ended and waits for its parent to notice does not."""
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.created_s) < 1 and _runs(process)
        except psutil.NoSuchProcess:
            return False


def kill_tree(pid: int) -> None:
    """Kill a process and all its descendants, the process first so that it starts no new ones; wait for their end."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        _kill_one(member)
    _wait_until_ended(family)


def _kill_one(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _wait_until_ended(family: Sequence[psutil.Process]) -> None:
    deadline_s = time.monotonic() + GONE_TIMEOUT_S
    while any(_runs(member) for member in family) and time.monotonic() < deadline_s:
        time.sleep(POLL_S)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
