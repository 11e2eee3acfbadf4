"""How does one chaos run go: load, kills, quiet, and a look at everything?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import aiohttp

from deploy.city import City
from deploy.local.progress import Say
from tests.chaos.caller import Caller
from tests.chaos.evidence import Evidence
from tests.chaos.killer import Killer, targets_of
from tests.chaos.listener import Listener
from tests.chaos.look import look_at_everything
from tests.chaos.plan import plan_kills
from tests.chaos.quiet import wait_until_quiet
from tests.chaos.receiver import SECRET, Receiver
from tests.chaos.reporters import Reporters
from tests.chaos.workers import Workers

REPORTS_PER_S = 50.0
WORKERS = 16
LISTENERS = 3
CALM_AFTER_KILLS_S = 2.0
QUIET_WITHIN_S = 240.0
CREATED = 201


@dataclass(frozen=True, slots=True)
class Story:
    """One run: what was seen of it, and how it went.

    Arguments:
        killed: kills by target.
        longest_outage_s: by target, from its kill until it answered again.
        longest_silence_s: by service, the longest time in which clients waited and none of them was answered.
        load_s: how long clients reported and worked.
        drain_s: how long it took until nothing was on its way, after the load.
        busy: what still was on its way when the run gave up waiting.
    """

    seen: Evidence
    killed: Mapping[str, int]
    longest_outage_s: Mapping[str, float]
    longest_silence_s: Mapping[str, float]
    load_s: float
    drain_s: float
    busy: tuple[str, ...]


async def run_chaos(city: City, *, seed: int, kills: int, say: Say) -> Story:
    """Load the city, kill its parts by the seed's plan, wait until it is quiet, and look at everything.

    Raises:
        CannotRun: something that was killed did not come back.
    """
    opened: asyncio.Queue[UUID] = asyncio.Queue()
    async with _session() as session, _receiver(seed) as receiver, _listeners(session, city) as listeners:
        await _subscribe(session, city, receiver)
        intake = Caller(session, _urls(city, "intake"), dice=random.Random(f"intake {seed}"))
        dispatch = Caller(session, _urls(city, "dispatch"), dice=random.Random(f"dispatch {seed}"))
        reporters = Reporters(intake, seed=seed, rate_per_s=REPORTS_PER_S, opened=opened)
        workers = Workers(dispatch, seed=seed, count=WORKERS, opened=opened)
        killer = Killer(city, say=say)
        load_s = await _load_and_kill(city, reporters, workers, killer, seed=seed, kills=kills)
        say(f"The load has ended after {load_s:.0f} s, waiting until everything is quiet")
        began_s = time.monotonic()
        await asyncio.to_thread(city.wait_ready)
        busy = await wait_until_quiet(city, listeners, timeout_s=QUIET_WITHIN_S)
        drain_s = time.monotonic() - began_s
        say("Looking at everything")
        seen = await look_at_everything(city, reporters, workers, receiver, listeners)
    return Story(
        seen=seen,
        killed=dict(killer.killed),
        longest_outage_s=killer.longest_outage_s,
        longest_silence_s={"intake": intake.longest_silence_s, "dispatch": dispatch.longest_silence_s},
        load_s=load_s,
        drain_s=drain_s,
        busy=tuple(busy),
    )


async def _load_and_kill(
    city: City, reporters: Reporters, workers: Workers, killer: Killer, *, seed: int, kills: int
) -> float:
    began_s = time.monotonic()
    stop = asyncio.Event()
    loading = [asyncio.create_task(reporters.run(stop)), asyncio.create_task(workers.run(stop))]
    try:
        await killer.run(plan_kills(targets_of(city), kills=kills, seed=seed))
        await asyncio.sleep(CALM_AFTER_KILLS_S)
    except BaseException:
        stop.set()
        await _cancel(loading)
        raise
    stop.set()
    load_s = time.monotonic() - began_s
    await asyncio.gather(*loading)
    return load_s


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


@asynccontextmanager
async def _receiver(seed: int) -> AsyncIterator[Receiver]:
    receiver = Receiver(seed=seed)
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()


@asynccontextmanager
async def _listeners(session: aiohttp.ClientSession, city: City) -> AsyncIterator[list[Listener]]:
    listeners = [Listener(session, _urls(city, "notify")) for _ in range(LISTENERS)]
    listening = [asyncio.create_task(listener.run()) for listener in listeners]
    try:
        yield listeners
    finally:
        await _cancel(listening)


async def _subscribe(session: aiohttp.ClientSession, city: City, receiver: Receiver) -> None:
    wish = {"recipient": "*", "channel": "webhook", "target": receiver.url, "secret": SECRET}
    async with session.post(f"{city.url('notify')}/v1/subscriptions", json=wish) as answer:
        if answer.status != CREATED:
            raise RuntimeError(f"the receiver could not subscribe: {answer.status} {await answer.text()}")


def _urls(city: City, service: str) -> list[str]:
    return [city.url(i.service, i.number) for i in city.instances if i.service == service]
