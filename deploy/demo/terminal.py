"""Does the demo run in a terminal, and how does what happens get onto it?"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from rich.console import Console
from rich.live import Live

from deploy.demo.language import Language
from deploy.demo.plain import plain_line
from deploy.demo.scene import Scene
from deploy.demo.screen import MIN_COLUMNS, MIN_ROWS, screen
from deploy.local.processes import ProcessMark

FRAME_S = 0.5
LINE_EVERY_S = 5.0
LINE_COLUMNS = 100
"""How wide tables are where no terminal says how wide it is."""


class Terminal:
    """Where the demo writes: a live screen on a terminal that can show one, plain lines anywhere else."""

    def __init__(self, out: TextIO, language: Language, environment: Mapping[str, str]) -> None:
        self.language = language
        self.is_live = is_live(environment, is_terminal=out.isatty())
        self.console = console_for(out, live=self.is_live)
        self._began_at_s = ProcessMark.of(os.getpid()).created_s

    def say(self, step: str) -> None:
        """One step on a line, with the seconds since the first."""
        self.console.out(f"{self.elapsed_s:6.1f} s  {step}", highlight=False)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the process began, what it took to load the program included."""
        return time.time() - self._began_at_s

    async def show(self, scene: Callable[[], Scene], *, page_address: str) -> None:
        """Show what happens until cancelled."""
        size = self.console.size
        if self.is_live and size.width >= MIN_COLUMNS and size.height >= MIN_ROWS:
            await self._show_screen(scene, page_address)
        else:
            await self._show_lines(scene)

    async def _show_screen(self, scene: Callable[[], Scene], page_address: str) -> None:
        with Live(console=self.console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(screen(scene(), self.language, page_address=page_address), refresh=True)
                await asyncio.sleep(FRAME_S)

    async def _show_lines(self, scene: Callable[[], Scene]) -> None:
        while True:
            await asyncio.sleep(LINE_EVERY_S)
            self.say(plain_line(scene(), self.language))


def is_live(environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Whether control codes are welcome: on a terminal, unless the environment says no."""
    forbids = environment.get("CI") or environment.get("NO_COLOR") or environment.get("TERM", "dumb") == "dumb"
    return is_terminal and not forbids


def console_for(out: TextIO, *, live: bool) -> Console:
    """A console that writes control codes only where they are welcome."""
    if live:
        return Console(file=out)
    return Console(file=out, force_terminal=False, no_color=True, width=LINE_COLUMNS, legacy_windows=False)
