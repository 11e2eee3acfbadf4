"""Who keeps reporting while everything is being killed, and what were they promised?"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from uuid import UUID

from tests.chaos.caller import Caller
from tests.chaos.evidence import Refusal, SentReport
from tests.chaos.report_bodies import random_report

ACCEPTED = 202
MAX_WAITING = 300
REPEATED = 0.05
GIVE_UP_S = 120.0


@dataclass(slots=True)
class Promise:
    """What a reporter sent, and every different answer to it."""

    key: str
    answers: set[tuple[UUID, UUID]] = field(default_factory=set)


class Reporters:
    """Sends reports at a steady average rate, whatever becomes of those before (an open loop, bounded at 300 waiting).

    The case of each accepted report is put into `opened` for the workers.
    """

    def __init__(self, caller: Caller, *, seed: int, rate_per_s: float, opened: asyncio.Queue[UUID]) -> None:
        self._caller = caller
        self._dice = random.Random(f"reports {seed}")
        self._rate_per_s = rate_per_s
        self._opened = opened
        self._promises: list[Promise] = []
        self._waiting: set[asyncio.Task[None]] = set()
        self._prefix = f"chaos-{seed}"
        self.refusals: list[Refusal] = []

    @property
    def sent(self) -> tuple[SentReport, ...]:
        """Everything that was sent so far."""
        return tuple(SentReport(promise.key, frozenset(promise.answers)) for promise in self._promises)

    async def run(self, stop: asyncio.Event) -> None:
        """Report until `stop`, then wait for the answers to what was sent."""
        try:
            while not stop.is_set():
                if len(self._waiting) < MAX_WAITING:
                    self._begin_report()
                await asyncio.sleep(self._dice.expovariate(self._rate_per_s))
            await asyncio.gather(*self._waiting)
        finally:
            for task in self._waiting:
                task.cancel()

    def _begin_report(self) -> None:
        promise = Promise(f"{self._prefix}-{len(self._promises) + 1}")
        self._promises.append(promise)
        task = asyncio.create_task(self._report(promise))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _report(self, promise: Promise) -> None:
        body = random_report(promise.key, self._dice)
        is_repeated = self._dice.random() < REPEATED
        for _ in range(2 if is_repeated else 1):
            reply = await self._caller.post("/v1/reports", body, key=promise.key, until_s=time.monotonic() + GIVE_UP_S)
            if reply is not None and reply.status == ACCEPTED:
                promise.answers.add((UUID(reply.body["report_id"]), UUID(reply.body["case_id"])))
            elif reply is not None:
                self.refusals.append(Refusal(promise.key, reply.status))
        for _, case_id in promise.answers:
            self._opened.put_nowait(case_id)
