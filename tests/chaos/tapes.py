"""What stands on the topics, and how far has each group read?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from lamplight_events.topics import TOPICS, Topic
from tests.chaos.evidence import AlertRecord, CaseRecord, DeadLetter, ReportRecord

READ_TIMEOUT_MS = 1000

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"


@dataclass(frozen=True, slots=True)
class Tapes:
    """All records of all topics."""

    reports: tuple[ReportRecord, ...]
    cases: tuple[CaseRecord, ...]
    alerts: tuple[AlertRecord, ...]
    dead_letters: tuple[DeadLetter, ...]


async def read_tapes(bootstrap_servers: str) -> Tapes:
    """Read every topic from its beginning to its present end."""
    records = {topic.name: await _read_topic(bootstrap_servers, topic) for topic in TOPICS}
    return Tapes(
        reports=tuple(map(_report_record, records["grid.reports"])),
        cases=tuple(map(_case_record, records["grid.cases"])),
        alerts=tuple(map(_alert_record, records["grid.alerts"])),
        dead_letters=tuple(map(_dead_letter, records["grid.dead-letters"])),
    )


async def read_lag(bootstrap_servers: str) -> dict[str, int]:
    """How many records each group has not handled, by `group topic`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    consumer: AIOKafkaConsumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    await admin.start()
    await consumer.start()
    try:
        lag = {}
        for topic in TOPICS:
            ends = await consumer.end_offsets(_partitions(topic))
            for group in topic.consumers:
                committed = await admin.list_consumer_group_offsets(group)
                done = {place: max(mark.offset, 0) for place, mark in committed.items()}
                lag[f"{group} {topic.name}"] = sum(end - done.get(place, 0) for place, end in ends.items())
        return lag
    finally:
        await consumer.stop()
        await admin.close()


async def _read_topic(bootstrap_servers: str, topic: Topic) -> list[Record]:
    consumer: AIOKafkaConsumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = _partitions(topic)
        consumer.assign(partitions)
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(partitions)
        found: list[Record] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            batches = await consumer.getmany(timeout_ms=READ_TIMEOUT_MS)
            found += [record for batch in batches.values() for record in batch]
        return found
    finally:
        await consumer.stop()


def _partitions(topic: Topic) -> list[TopicPartition]:
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]


def _report_record(record: Record) -> ReportRecord:
    return ReportRecord(_event_id(record), UUID(_data(record)["report_id"]))


def _case_record(record: Record) -> CaseRecord:
    data = _data(record)
    return CaseRecord(
        partition=record.partition,
        offset=record.offset,
        event_id=_event_id(record),
        case_id=UUID(data["case_id"]),
        sequence=data["sequence"],
        state=data["state"],
        recipients=_recipients(_header(record, "ce_type"), data),
    )


def _recipients(event_type: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Who must be alerted, told here a second time: the oracle shares no rule with what it judges."""
    match event_type:
        case "grid.case.dispatched.v1":
            return (f"unit:{data['unit_id']}",)
        case "grid.case.resolved.v1":
            return ("command_centre",)
        case "grid.case.closed.v1":
            return tuple(f"report:{report_id}" for report_id in data["report_ids"])
        case _:
            return ()


def _alert_record(record: Record) -> AlertRecord:
    return AlertRecord(_event_id(record), UUID(_data(record)["delivery_id"]), _header(record, "ce_type"))


def _dead_letter(record: Record) -> DeadLetter:
    place = f"{record.partition}:{record.offset}"
    headers = dict(record.headers)
    return DeadLetter(
        event_id=(headers.get("ce_id") or place.encode()).decode(),
        topic=_header(record, "dl_topic"),
        reason=f"{_header(record, 'dl_reason')}: {_header(record, 'dl_error')}",
    )


def _header(record: Record, name: str) -> str:
    return (dict(record.headers).get(name) or b"").decode()


def _event_id(record: Record) -> UUID:
    return UUID(_header(record, "ce_id"))


def _data(record: Record) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(record.value or b"{}")
    return data
