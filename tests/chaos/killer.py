"""Who kills servers by a plan and starts them again, several being away at once?"""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence

from deploy.city import City, Instance
from deploy.local.failure import CannotRun
from deploy.local.progress import Say
from tests.chaos.plan import Kill

KAFKA = "kafka"
POSTGRES = "postgres"
BACK_WITHIN_S = 180.0
POLL_S = 0.1
PROBE_TIMEOUT_S = 2.0


class Killer:
    """Carries a plan out; `killed` counts by target, `longest_outage_s` tells from the kill until it answered again.

    A stack is used by one thread at a time, and so are the services; the two do not wait for one another.
    """

    def __init__(self, city: City, *, say: Say) -> None:
        self._city = city
        self._say = say
        self._stack_turn = asyncio.Lock()
        self._service_turn = asyncio.Lock()
        self._away: dict[str, asyncio.Task[None]] = {}
        self.killed = Counter[str]()
        self.longest_outage_s: dict[str, float] = {}

    async def run(self, plan: Sequence[Kill]) -> None:
        """Kill by the plan; returns when everything was started again.

        Raises:
            CannotRun: something did not come back.
        """
        for number, kill in enumerate(plan, start=1):
            await asyncio.sleep(kill.after_s)
            if (earlier := self._away.get(kill.target)) is not None:
                await earlier
            self._say(f"kill {number} of {len(plan)}: {kill.target}, away for {kill.away_s:.1f} s")
            self._away[kill.target] = asyncio.create_task(self._outage(kill))
        await asyncio.gather(*self._away.values())

    async def _outage(self, kill: Kill) -> None:
        began_s = time.monotonic()
        await self._in_turn(kill.target, self._kill)
        self.killed[kill.target] += 1
        await asyncio.sleep(kill.away_s)
        await self._in_turn(kill.target, self._start)
        while kill.target not in (KAFKA, POSTGRES) and not await asyncio.to_thread(self._answers, kill.target):
            if time.monotonic() - began_s > BACK_WITHIN_S:
                raise CannotRun(f"{kill.target} did not answer {BACK_WITHIN_S:.0f} s after its kill.")
            await asyncio.sleep(POLL_S)
        outage_s = time.monotonic() - began_s
        self.longest_outage_s[kill.target] = max(outage_s, self.longest_outage_s.get(kill.target, 0.0))

    async def _in_turn(self, target: str, act: Callable[[str], None]) -> None:
        async with self._stack_turn if target in (KAFKA, POSTGRES) else self._service_turn:
            await asyncio.to_thread(act, target)

    def _kill(self, target: str) -> None:
        if target == KAFKA:
            self._city.stack.kill_kafka()
        elif target == POSTGRES:
            self._city.stack.kill_postgres()
        else:
            self._city.kill_instance(instance_named(target))

    def _start(self, target: str) -> None:
        if target == KAFKA:
            self._city.stack.start_kafka()
        elif target == POSTGRES:
            self._city.stack.start_postgres()
        else:
            self._city.start_instance(instance_named(target))

    def _answers(self, target: str) -> bool:
        instance = instance_named(target)
        address = f"{self._city.url(instance.service, instance.number)}/live"
        try:
            with urllib.request.urlopen(address, timeout=PROBE_TIMEOUT_S):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def targets_of(city: City) -> list[str]:
    """Everything that can be killed, by name."""
    return [*map(str, city.instances), KAFKA, POSTGRES]


def instance_named(target: str) -> Instance:
    """The instance that `targets_of` named."""
    service, _, number = target.rpartition("-")
    return Instance(service, int(number))
