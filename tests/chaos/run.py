"""How does one chaos run go: load, kills, quiet, and what was seen of it?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from uuid import UUID

import aiohttp

from deploy.city import City
from deploy.local.ports import CHOICE, is_free
from deploy.local.progress import Say
from tests.chaos.books import (
    outbox_rows,
    read_alerts,
    read_cases,
    read_deliveries,
    read_history,
    read_reports,
    read_statuses,
    subscription_ids,
)
from tests.chaos.caller import Caller
from tests.chaos.evidence import Evidence
from tests.chaos.killer import Killer, targets_of
from tests.chaos.listener import Listener
from tests.chaos.plan import plan_kills
from tests.chaos.quiet import wait_until_quiet
from tests.chaos.receiver import SECRET, Receiver
from tests.chaos.reporters import Reporters
from tests.chaos.tapes import read_lag, read_tapes
from tests.chaos.workers import Workers

REPORTS_PER_S = 50.0
WORKERS = 16
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
    """Load the city, kill its parts by the seed's plan, wait until it is quiet, and look at everything."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        receiver = Receiver(seed=seed, port=_free_port())
        await receiver.start()
        stack.push_async_callback(receiver.stop)
        intake = Caller(session, _urls(city, "intake"), dice=random.Random(f"intake {seed}"))
        dispatch = Caller(session, _urls(city, "dispatch"), dice=random.Random(f"dispatch {seed}"))
        await _subscribe(session, city, receiver)
        listener = Listener(session, _urls(city, "notify"))
        listening = asyncio.create_task(listener.run())
        stack.push_async_callback(_cancel, listening)
        opened: asyncio.Queue[UUID] = asyncio.Queue()
        reporters = Reporters(intake, seed=seed, rate_per_s=REPORTS_PER_S, opened=opened)
        workers = Workers(dispatch, seed=seed, count=WORKERS, opened=opened)
        killer = Killer(city, say=say)
        load_s = await _load_and_kill(city, reporters, workers, killer, seed=seed, kills=kills)
        say(f"the load has ended after {load_s:.0f} s, waiting until everything is quiet")
        began_s = time.monotonic()
        await asyncio.to_thread(city.wait_ready)
        busy = await wait_until_quiet(city, listener, timeout_s=QUIET_WITHIN_S)
        drain_s = time.monotonic() - began_s
        say("looking at everything")
        seen = await _look(city, reporters, workers, receiver, listener)
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
    finally:
        stop.set()
    load_s = time.monotonic() - began_s
    await asyncio.gather(*loading)
    return load_s


async def _look(city: City, reporters: Reporters, workers: Workers, receiver: Receiver, listener: Listener) -> Evidence:
    tapes = await read_tapes(city.stack.bootstrap_servers)
    return Evidence(
        sent_reports=reporters.sent,
        carried_orders=tuple(workers.carried),
        reports=await read_reports(city),
        cases=await read_cases(city),
        history=await read_history(city),
        statuses=await read_statuses(city),
        report_records=tapes.reports,
        case_records=tapes.cases,
        alert_records=tapes.alerts,
        dead_letters=tapes.dead_letters,
        alerts=await read_alerts(city),
        deliveries=await read_deliveries(city),
        subscription_ids=await subscription_ids(city),
        receipts=tuple(receiver.receipts),
        positions=tuple(listener.positions),
        outbox_rows=await outbox_rows(city),
        lag=await read_lag(city.stack.bootstrap_servers),
    )


async def _subscribe(session: aiohttp.ClientSession, city: City, receiver: Receiver) -> None:
    wish = {"recipient": "*", "channel": "webhook", "target": receiver.url, "secret": SECRET}
    async with session.post(f"{city.url('notify')}/v1/subscriptions", json=wish) as answer:
        if answer.status != CREATED:
            raise RuntimeError(f"the receiver could not subscribe: {answer.status} {await answer.text()}")


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _urls(city: City, service: str) -> list[str]:
    return [city.url(i.service, i.number) for i in city.instances if i.service == service]


def _free_port() -> int:
    return next(port for port in CHOICE if is_free(port))
