"""How is one server started, watched, stopped and killed?"""

from __future__ import annotations

import time

from deploy.local.command import Command
from deploy.local.failure import CannotRun, PortTaken
from deploy.local.kept_process import KeptProcess
from deploy.local.ports import require_free
from deploy.local.processes import POLL_S, ProcessMark

START_TIMEOUT_S = 120.0
LINE_SHOWN = 300


class Server:
    """One server that can be started, stopped or killed, and started again."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._process: KeptProcess | None = None
        self._log_began_at = 0

    @property
    def mark(self) -> ProcessMark | None:
        """The process, from its start until it is stopped or killed here."""
        return self._process.mark if self._process else None

    def start(self) -> None:
        """Start the process and return at once.

        Raises:
            PortTaken: another program has its port.
            CannotRun: it runs already, or its program cannot be run.
        """
        if self.is_running():
            raise CannotRun(f"{self.command.name} is running already: stop it first.")
        self.kill()
        require_free(self.command.port)
        log = self.command.log
        self._log_began_at = log.stat().st_size if log.exists() else 0
        self._process = KeptProcess(self.command)

    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running()

    def has_stopped_by_itself(self) -> bool:
        return self._process is not None and not self._process.is_running()

    def wait_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Return when the server answers.

        Raises:
            PortTaken: it stopped because another program has its port.
            CannotRun: it stopped for another reason, or did not answer in time.
        """
        deadline_s = time.monotonic() + timeout_s
        while not self.command.is_ready():
            if not self.is_running():
                raise self.why_it_stopped()
            if time.monotonic() > deadline_s:
                raise CannotRun(f"{self.command.name} did not answer within {timeout_s:.0f} s: see {self.command.log}.")
            time.sleep(POLL_S)

    def ask_to_stop(self) -> None:
        """Ask the server to stop, and return at once; does nothing when it is not running."""
        if self._process is not None:
            self._process.ask_to_stop()

    def stop(self) -> None:
        """Ask the server to stop, and return when it is gone; does nothing when it is not running."""
        if self._process is not None:
            self._process.ask_to_stop()
            self._process.wait_gone()
            self._process = None

    def kill(self) -> None:
        """Kill the server and every process it started, as a power cut would; returns when they are gone."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def why_it_stopped(self) -> CannotRun:
        """What a server that stopped by itself said last, and where its log is."""
        with self.command.log.open("rb") as log:
            log.seek(self._log_began_at)
            said = log.read().decode("utf-8", errors="replace")
        if "Address already in use" in said:
            return PortTaken(f"Another program took port {self.command.port} before {self.command.name}: start again.")
        return CannotRun(
            f"{self.command.name} stopped by itself: {telling_line(said)} (the whole log is {self.command.log})"
        )


def telling_line(log: str) -> str:
    """The last line of a log that tells of a failure, else its last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("ERROR", "FATAL", "rror:", "Exception:"))]
    return next(reversed(telling or lines), "it said nothing")[:LINE_SHOWN]
