"""How does a process run so that it never outlives the one that started it?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local.account import popen_identity
from deploy.local.command import Program
from deploy.local.processes import GONE_TIMEOUT_S, ProcessMark, kill_tree

KEEPER = Path(__file__).with_name("keeper.py")


class KeptProcess:
    """A server process under a keeper (`deploy.local.keeper`), which is a child of this process.

    `mark` is None when the server could not be run or ended at once.
    """

    def __init__(self, program: Program) -> None:
        self._grace_s = program.grace_s
        with program.log.open("ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), _order(program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **program.environment},
                cwd=program.folder,
                text=True,
                start_new_session=True,
            )
        self.mark = self._read_mark()

    def is_running(self) -> bool:
        return self._keeper.poll() is None

    def ask_to_stop(self) -> None:
        """Ask the server to stop, and return at once; asking twice is once."""
        order = self._keeper.stdin
        if order is None or order.closed:
            return
        # The end of the input alone is not enough: a fork of this process may hold the pipe open.
        with suppress(BrokenPipeError), order:
            order.write("stop\n")

    def wait_gone(self) -> None:
        """Return when the server and its keeper are gone; both are killed when they take too long."""
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(self._grace_s + GONE_TIMEOUT_S)
        self.kill()

    def kill(self) -> None:
        """Kill the server and all that it started; returns when they are gone."""
        if self.mark is not None and self.mark.is_alive():
            kill_tree(self.mark.pid)
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(GONE_TIMEOUT_S)
        self._keeper.kill()
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            if pipe is not None:
                pipe.close()

    def _read_mark(self) -> ProcessMark | None:
        answer = self._keeper.stdout.readline() if self._keeper.stdout else ""
        try:
            return ProcessMark.of(int(answer)) if answer else None
        except psutil.NoSuchProcess:
            return None


def _order(program: Program) -> str:
    order = {
        "argv": program.argv,
        "stop_signal": int(program.stop_signal),
        "grace_s": program.grace_s,
        "identity": popen_identity(program.account),
        "parent": os.getpid(),
    }
    return json.dumps(order)
