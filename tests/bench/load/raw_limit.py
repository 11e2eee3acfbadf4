"""How fast are one INSERT and one publish when nothing else is done?

A client stores one row with asyncpg, one statement and its own commit, and then publishes one record with aiokafka,
acknowledged by all replicas, and waits for both; so many clients at once, each with a connection of its own. The row
and the record are those of the pipeline, put together before the clock starts. A report on its way is stored and
published by every service that it passes, so its limit counts as many of these steps.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

from intake.reports import NewReport, Report, accept_report, tell_received
from intake.zones import ZoneMap
from lamplight_chassis.clock import new_id, utc_now
from lamplight_chassis.kafka import PRODUCER_BATCH_BYTES
from lamplight_events.envelope import Cause
from lamplight_events.messages import OutgoingRecord, write_message
from tests.bench.load.cpu import CpuUse, CpuWatch

TOPIC = "bench.raw"
TABLE = "raw_reports"
COLUMNS = (
    "id", "case_id", "source", "category", "zone", "longitude_deg", "latitude_deg", "description", "observed_at",
    "received_at", "outcome", "reporter_ref",
)  # fmt: skip
INSERT = f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({', '.join(f'${n}' for n in range(1, len(COLUMNS) + 1))})"
ROUND = 500
ALONE_SHARE = 10

Row = tuple[object, ...]
Item = tuple[Row, OutgoingRecord]


@dataclass(frozen=True, slots=True)
class RawPlan:
    """So many reports by so many clients, on an empty table and a topic of its own; `hops` is services on the way."""

    dsn: str
    bootstrap_servers: str
    clients: int
    reports: int
    hops: int
    bodies: Sequence[bytes]
    pids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RawTimes:
    """Seconds for all reports.

    Arguments:
        limit_s: the raw limit: all clients at once, each waiting for its INSERT and its publish, once per hop.
        one_hop_s: the same with a single INSERT and publish for the whole way of a report.
        alone_s: one hop by a single client, scaled up from a part of the reports: for information.
        pipelined_s: one hop with executemany, and all records of a round sent without a wait: for information.
    """

    limit_s: float
    one_hop_s: float
    alone_s: float
    pipelined_s: float
    cpu: CpuUse


async def run_raw(plan: RawPlan) -> RawTimes:
    """Measure the raw limit, and then the two ways of writing that stand beside it."""
    connections = [await asyncpg.connect(plan.dsn) for _ in range(plan.clients)]
    producer = AIOKafkaProducer(
        bootstrap_servers=plan.bootstrap_servers,
        acks="all",
        enable_idempotence=True,
        max_batch_size=PRODUCER_BATCH_BYTES,
    )
    await producer.start()
    try:
        # Statements are prepared and the topic is known before the clock starts.
        await _wait_for_each(connections, producer, _items(plan.bodies, plan.clients * 2))
        items = _items(plan.bodies, plan.reports * plan.hops)
        watch = CpuWatch(plan.pids)
        limit_s = await _wait_for_each(connections, producer, items)
        cpu = watch.stop()
        one_hop_s = await _wait_for_each(connections, producer, _items(plan.bodies, plan.reports))
        few = _items(plan.bodies, plan.reports // ALONE_SHARE)
        alone_s = await _wait_for_each(connections[:1], producer, few) * ALONE_SHARE
        pipelined_s = await _pipelined(connections[0], producer, _items(plan.bodies, plan.reports))
    finally:
        await producer.stop()
        for connection in connections:
            await connection.close()
    return RawTimes(limit_s, one_hop_s, alone_s, pipelined_s, cpu)


async def _wait_for_each(
    connections: Sequence[asyncpg.Connection[Any]], producer: AIOKafkaProducer, items: Sequence[Item]
) -> float:
    store = iter(items)
    began_s = time.perf_counter()
    await asyncio.gather(*(_client(connection, producer, store) for connection in connections))
    return time.perf_counter() - began_s


async def _client(connection: asyncpg.Connection[Any], producer: AIOKafkaProducer, store: Iterator[Item]) -> None:
    for row, record in store:
        await connection.execute(INSERT, *row)
        await (await _send(producer, record))


async def _send(producer: AIOKafkaProducer, record: OutgoingRecord) -> asyncio.Future[object]:
    """Hand a record to the producer; the future is done when it is acknowledged, as with `send_and_wait`."""
    sent: asyncio.Future[object]
    sent = await producer.send(TOPIC, record.value, key=record.key, headers=list(record.headers))
    return sent


async def _pipelined(connection: asyncpg.Connection[Any], producer: AIOKafkaProducer, items: Sequence[Item]) -> float:
    began_s = time.perf_counter()
    for start in range(0, len(items), ROUND):
        part = items[start : start + ROUND]
        await connection.executemany(INSERT, [row for row, _ in part])
        await asyncio.gather(*[await _send(producer, record) for _, record in part])
    return time.perf_counter() - began_s


def _items(bodies: Sequence[bytes], count: int) -> list[Item]:
    zones = ZoneMap.load()
    return [_item(body, zones) for body in itertools.islice(itertools.cycle(bodies), count)]


def _item(body: bytes, zones: ZoneMap) -> Item:
    new = NewReport.model_validate_json(body)
    report = accept_report(new, zones=zones, report_id=new_id(), case_id=new_id(), now=utc_now())
    record = write_message(
        tell_received(report), event_id=new_id(), producer="intake", time=report.received_at, cause=Cause(str(new_id()))
    )
    return _row(report), record


def _row(report: Report) -> Row:
    return tuple(getattr(report, column) for column in COLUMNS)
