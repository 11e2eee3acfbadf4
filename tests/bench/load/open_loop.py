"""How long after it was due does a report's alert arrive, at a fixed rate that waits for nobody?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from lamplight_chassis.clock import new_id
from tests.bench.load.connection import Address, Connection
from tests.bench.load.cpu import CpuUse, CpuWatch
from tests.bench.load.listeners import StreamListener, WebhookReceiver
from tests.bench.schedule import Schedule

CONNECTIONS = 100
ARRIVES_WITHIN_S = 15.0
POLL_S = 0.05
WARM_UP_RATE_PER_S = 50.0


@dataclass(frozen=True, slots=True)
class AlertPlan:
    """Reports on a schedule, and the two who listen for their alerts.

    Arguments:
        hook_port: where the webhook receiver serves, with `secret` as its subscription's.
    """

    intake_url: str
    notify_url: str
    hook_port: int
    secret: str
    warm_up_s: float
    schedule: Schedule
    bodies: Sequence[bytes]
    pids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AlertTimes:
    """Milliseconds from the moment a report was due; a report whose alert never came is not in the list.

    Arguments:
        late_ms: how late the generator itself was to send: above a few ms, the figures are its own.
    """

    sent: int
    refused: int
    answered_ms: Sequence[float]
    stream_ms: Sequence[float]
    webhook_ms: Sequence[float]
    late_ms: Sequence[float]
    forged: int
    cpu: CpuUse


@dataclass(slots=True)
class _Log:
    """When each case's report was due, and when its alert arrived where."""

    due_s: dict[str, float] = field(default_factory=dict)
    answered_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    on_stream_s: dict[str, float] = field(default_factory=dict)
    at_webhook_s: dict[str, float] = field(default_factory=dict)
    refused: int = 0


async def measure_alerts(plan: AlertPlan) -> AlertTimes:
    """Send on schedule, listen, and return when all alerts arrived or the wait for them is over."""
    log = _Log()
    listener = await StreamListener.open(plan.notify_url, log.on_stream_s.setdefault)
    receiver = WebhookReceiver(plan.secret, log.at_webhook_s.setdefault)
    await receiver.start(plan.hook_port)
    connections: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        connections.put_nowait(await Connection.open(Address(plan.intake_url)))
    try:
        await _send_all(Schedule(WARM_UP_RATE_PER_S, plan.warm_up_s), plan, connections, _Log())
        watch = CpuWatch(plan.pids)
        await _send_all(plan.schedule, plan, connections, log)
        cpu = watch.stop()
        await _wait_for_alerts(log)
    finally:
        listener.close()
        await receiver.stop()
    return AlertTimes(
        sent=len(plan.schedule),
        refused=log.refused,
        answered_ms=log.answered_ms,
        stream_ms=_delays_ms(log.due_s, log.on_stream_s),
        webhook_ms=_delays_ms(log.due_s, log.at_webhook_s),
        late_ms=log.late_ms,
        forged=receiver.forged,
        cpu=cpu,
    )


async def _send_all(schedule: Schedule, plan: AlertPlan, connections: asyncio.LifoQueue[Connection], log: _Log) -> None:
    address = Address(plan.intake_url)
    began_s = time.monotonic()
    sending = []
    for number, due_in_s in enumerate(schedule.due_times_s()):
        due_s = began_s + due_in_s
        if (pause_s := due_s - time.monotonic()) > 0:
            await asyncio.sleep(pause_s)
        body = plan.bodies[number % len(plan.bodies)]
        request = address.post("/v1/reports", body, {"Idempotency-Key": str(new_id())})
        sending.append(asyncio.create_task(_send(request, due_s, connections, log)))
    await asyncio.gather(*sending)


async def _send(request: bytes, due_s: float, connections: asyncio.LifoQueue[Connection], log: _Log) -> None:
    connection = await connections.get()
    log.late_ms.append((time.monotonic() - due_s) * 1000)
    reply = await connection.ask(request)
    connections.put_nowait(connection)
    if reply.status != 202:
        log.refused += 1
        return
    log.answered_ms.append((time.monotonic() - due_s) * 1000)
    log.due_s[orjson.loads(reply.body)["case_id"]] = due_s


async def _wait_for_alerts(log: _Log) -> None:
    deadline_s = time.monotonic() + ARRIVES_WITHIN_S
    while time.monotonic() < deadline_s:
        if log.due_s.keys() <= log.on_stream_s.keys() and log.due_s.keys() <= log.at_webhook_s.keys():
            return
        await asyncio.sleep(POLL_S)


def _delays_ms(due_s: Mapping[str, float], arrived_s: Mapping[str, float]) -> list[float]:
    return [(arrived_s[case_id] - due_s[case_id]) * 1000 for case_id in due_s if case_id in arrived_s]
