"""How many reports does intake take from clients that send one after the other?"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lamplight_chassis.clock import new_id
from tests.bench.load.alert_count import last_position, when_stored
from tests.bench.load.connection import Address, Connection
from tests.bench.load.cpu import CpuUse, CpuWatch
from tests.bench.load.window import Counted, Tally, count_window

REPORT = "report"
PATH = "/v1/reports"


@dataclass(frozen=True, slots=True)
class SubmissionPlan:
    """Clients with a kept connection each, for a time; every report has an Idempotency-Key of its own."""

    intake_url: str
    clients: int
    warm_up_s: float
    measure_s: float
    bodies: Sequence[bytes]
    pids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BurstPlan:
    """So many reports from so many clients, as fast as they are answered; their alerts appear at `notify_dsn`."""

    intake_url: str
    notify_dsn: str
    clients: int
    reports: int
    bodies: Sequence[bytes]
    pids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Burst:
    """Seconds from its begin until every report was answered, and until the last of their alerts was stored."""

    answered_s: float
    stored_s: float
    refused: int
    cpu: CpuUse


async def run_submissions(plan: SubmissionPlan) -> Counted:
    """Send for the time of the plan; the done things are accepted reports."""
    tally = Tally()
    clients = [
        _send_for_ever(await Connection.open(Address(plan.intake_url)), _requests(plan.intake_url, plan.bodies), tally)
        for _ in range(plan.clients)
    ]
    return await count_window(clients, tally, warm_up_s=plan.warm_up_s, measure_s=plan.measure_s, pids=plan.pids)


async def run_burst(plan: BurstPlan) -> Burst:
    """Send the reports of the plan and return when the last of their alerts is stored."""
    connections = [await Connection.open(Address(plan.intake_url)) for _ in range(plan.clients)]
    requests = itertools.islice(_requests(plan.intake_url, plan.bodies), plan.reports)
    before = await last_position(plan.notify_dsn)
    watch = CpuWatch(plan.pids)
    began_s = time.monotonic()
    refused = sum(await asyncio.gather(*(_send_share(connection, requests) for connection in connections)))
    answered_s = time.monotonic()
    stored_s = await when_stored(plan.notify_dsn, after=before, alerts=plan.reports - refused)
    return Burst(answered_s - began_s, stored_s - began_s, refused, watch.stop())


async def _send_for_ever(connection: Connection, requests: Iterator[bytes], tally: Tally) -> None:
    for request in requests:
        reply = await tally.ask(connection, REPORT, request)
        if reply.status == 202:
            tally.finish(REPORT)
        else:
            tally.fail(REPORT, reply)


async def _send_share(connection: Connection, requests: Iterator[bytes]) -> int:
    """Take requests from the common store until it is empty; returns how many were not accepted."""
    refused = 0
    for request in requests:
        refused += (await connection.ask(request)).status != 202
    return refused


def _requests(intake_url: str, bodies: Sequence[bytes]) -> Iterator[bytes]:
    address = Address(intake_url)
    for body in itertools.cycle(bodies):
        yield address.post(PATH, body, {"Idempotency-Key": str(new_id())})
