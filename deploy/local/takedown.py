"""How are the servers of a folder stopped from another process?"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from deploy.local.failure import CannotRun
from deploy.local.leftovers import clear_leftovers
from deploy.local.processes import POLL_S, ProcessMark
from deploy.local.progress import silent
from deploy.local.run_record import RunRecord

TIMEOUT_S = 60.0


def take_down(folder: Path, *, timeout_s: float = TIMEOUT_S) -> str:
    """End the process that runs the servers of this folder, and return when they are gone, with a sentence about it.

    Raises:
        CannotRun: that process is another user's, or does not end.
    """
    record = RunRecord.read(folder)
    if record is None or not record.has_live_server():
        return f"No servers run in {folder}"
    if record.owner.is_alive():
        _end(record.owner, timeout_s)
    clear_leftovers(record, silent)
    return f"The servers of {folder} are stopped"


def _end(owner: ProcessMark, timeout_s: float) -> None:
    try:
        os.kill(owner.pid, signal.SIGTERM)
    except PermissionError as error:
        raise CannotRun(
            f"Process {owner.pid} runs the servers and belongs to another user: stop it as that user."
        ) from error
    deadline_s = time.monotonic() + timeout_s
    while owner.is_alive():
        if time.monotonic() > deadline_s:
            raise CannotRun(f"Process {owner.pid} runs the servers and did not end within {timeout_s:.0f} s: kill it.")
        time.sleep(POLL_S)
