"""In which order does the demo play, count, show and wait?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp

from deploy.city import SERVICES, City
from deploy.demo import words
from deploy.demo.alerts import listen
from deploy.demo.calls import Caller
from deploy.demo.city_api import CityApi
from deploy.demo.ending import Ending
from deploy.demo.evidence import Bookmark, Detective
from deploy.demo.lookout import Lookout
from deploy.demo.pacing import two_acts
from deploy.demo.page import PageServer
from deploy.demo.players import Players, Run
from deploy.demo.stage import Stage
from deploy.demo.summary import links_table, sums_table, verdict
from deploy.demo.sums import Sum, check_sums
from deploy.demo.terminal import Terminal
from deploy.local.failure import CannotRun

SETTLE_S = 15.0
"""How long the last events may take to arrive everywhere before a sum counts as wrong."""
RECOUNT_S = 1.0
WATCH_S = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played: from which seed, how long each act lasts, and whether the system stays up afterwards."""

    seed: int
    act_s: float
    stays_up: bool


class Show:
    """One performance on a running city."""

    def __init__(self, city: City, caller: Caller, terminal: Terminal, plan: Plan) -> None:
        self._city = city
        self._caller = caller
        self._terminal = terminal
        self._plan = plan
        self._api = CityApi(caller)
        self._run = Run(uuid4(), datetime.now(UTC))
        self._acts = two_acts(seed=plan.seed, length_s=plan.act_s)
        self._stage = Stage(self._acts)
        self._detective = Detective(self._api, caller, self._run, city.stack.bootstrap_servers)
        self._page = PageServer(caller, self._stage.scene, terminal.language)

    async def perform(self, ending: Ending) -> int:
        """Play, count, and stay up if so planned; answers the exit status, 1 when a sum is wrong."""
        bookmark = await self._detective.bookmark()
        lookout = Lookout(self._api, self._stage, reported_from=self._run.began_at.isoformat())
        listening = listen(self._caller, bookmark.alert_position, self._stage.on_alert)
        async with self._page, _beside(lookout.watch(), listening):
            self._say(f"{words.PAGE.of(self._terminal.language)} {self._page.address}/")
            sums = await ending.unless_asked(self._play_and_count(bookmark))
            if sums is None:
                self._say(words.NOT_COUNTED.of(self._terminal.language))
                return 0
            self._show_sums(sums)
            if self._plan.stays_up:
                await ending.unless_asked(self._stay_up())
        return 0 if all(line.is_right for line in sums) else 1

    async def _play_and_count(self, bookmark: Bookmark) -> Sequence[Sum]:
        players = Players(self._api, self._stage, self._run, seed=self._plan.seed)
        async with _beside(self._terminal.show(self._stage.scene, page_address=f"{self._page.address}/")):
            for act in self._acts:
                await players.play(act)
        self._say(words.COUNTING.of(self._terminal.language))
        return await _count(self._detective, bookmark, total=sum(len(act.reports) for act in self._acts))

    def _show_sums(self, sums: Sequence[Sum]) -> None:
        language, console = self._terminal.language, self._terminal.console
        console.print(sums_table(sums, language))
        console.print(verdict(sums, language))
        console.print(words.SYNTHETIC.of(language))
        if self._plan.stays_up:
            console.print(links_table(self._caller.addresses, self._page.address, language))
            console.print(words.STAYS.of(language))

    async def _stay_up(self) -> None:
        """Wait; raises CannotRun when Kafka or PostgreSQL end by themselves."""
        stack = self._city.stack
        while True:
            if stopped := stack.stopped_by_itself():
                raise CannotRun(f"{stopped} stopped by itself: see its log in {stack.folder}.")
            await asyncio.sleep(WATCH_S)

    def _say(self, step: str) -> None:
        self._terminal.say(step)


async def perform(city: City, terminal: Terminal, plan: Plan, ending: Ending) -> int:
    """Give one performance on a city; answers the exit status, and raises CannotRun when the city fails it."""
    addresses = {service: city.url(service) for service in SERVICES}
    async with aiohttp.ClientSession() as session:
        return await Show(city, Caller(session, addresses), terminal, plan).perform(ending)


async def _count(detective: Detective, bookmark: Bookmark, *, total: int) -> Sequence[Sum]:
    """Count until every sum is right, or the time to settle is over."""
    deadline_s = time.monotonic() + SETTLE_S
    while True:
        sums = check_sums(await detective.gather(bookmark), total=total)
        if all(line.is_right for line in sums) or time.monotonic() > deadline_s:
            return sums
        await asyncio.sleep(RECOUNT_S)


@asynccontextmanager
async def _beside(*companions: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let endless work go on beside the block, and end it with the block."""
    tasks = [asyncio.create_task(companion) for companion in companions]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
