"""Does every event survive the wire, and is every record that breaks the contract refused with its reason?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lamplight_events.cases import CaseDispatched
from lamplight_events.envelope import Cause, ContractError
from lamplight_events.event import Event, past_times_of
from lamplight_events.messages import MAX_VALUE_BYTES, Message, OutgoingRecord, read_message, write_message
from lamplight_events.reports import ReportReceived
from lamplight_events.topics import TOPIC_OF
from tests.builders import BUILDERS, NOW, a_case_event, a_report_received, an_outgoing

every_event = pytest.mark.parametrize("event_class", TOPIC_OF, ids=lambda event_class: event_class.__name__)


def read(record: OutgoingRecord, **changes: Any) -> Message:
    parts = {"topic": record.topic, "key": record.key, "headers": record.headers, "value": record.value, "now": NOW}
    return read_message(**{**parts, **changes})


def header(record: OutgoingRecord, name: str, value: bytes | None) -> list[tuple[str, bytes | None]]:
    return [(each, value if each == name else old) for each, old in record.headers]


def value(record: OutgoingRecord, **changes: Any) -> bytes:
    return json.dumps({**json.loads(record.value), **changes}).encode()


def test_every_event_has_a_builder() -> None:
    assert set(BUILDERS) == set(TOPIC_OF)


@every_event
def test_every_event_comes_back_as_it_was(event_class: type[Event]) -> None:
    event = BUILDERS[event_class]()
    record = an_outgoing(event)

    message = read(record)

    assert message.event == event
    assert type(message.event) is event_class
    assert message.id == record.event_id
    assert message.envelope.type == event_class.event_type
    assert message.envelope.subject == record.key.decode() == str(event.key)


@every_event
def test_a_field_that_a_later_producer_adds_is_left_alone(event_class: type[Event]) -> None:
    event = BUILDERS[event_class]()
    record = an_outgoing(event)

    message = read(record, value=value(record, added_later={"deep": [1]}))

    assert message.event == event


@every_event
def test_a_field_that_is_not_optional_is_needed(event_class: type[Event]) -> None:
    record = an_outgoing(BUILDERS[event_class]())
    needed = [name for name, field in event_class.model_fields.items() if field.is_required()]

    for name in needed:
        content = {key: each for key, each in json.loads(record.value).items() if key != name}
        with pytest.raises(ContractError, match=name) as refusal:
            read(record, value=json.dumps(content).encode())
        assert refusal.value.reason == "malformed_value"


REPORT = a_report_received()
RECORD = an_outgoing(REPORT)
TYPE, SOURCE = "ce_type", "ce_source"
# One line for each way in which a record can be wrong; the reason is what a person will look for.
POISON: dict[str, tuple[str, dict[str, Any]]] = {
    "not JSON": ("malformed_value", {"value": b"{not json"}),
    "not an object": ("malformed_value", {"value": b"[]"}),
    "not UTF-8": ("malformed_value", {"value": b'{"summary": "\xff"}'}),
    "a wrong type": ("malformed_value", {"value": value(RECORD, longitude_deg="120.6")}),
    "a number out of range": ("malformed_value", {"value": value(RECORD, latitude_deg=91)}),
    "not a number": ("malformed_value", {"value": value(RECORD, latitude_deg="NaN")}),
    "a naive time": ("malformed_value", {"value": value(RECORD, observed_at="2026-05-20T04:00:00")}),
    "no value": ("malformed_value", {"value": None}),
    "an unknown version": ("unknown_type", {"headers": header(RECORD, TYPE, b"grid.report.received.v2")}),
    "an unknown type": ("unknown_type", {"headers": header(RECORD, TYPE, b"shop.order.placed.v1")}),
    "no envelope": ("missing_header", {"headers": ()}),
    "a missing header": ("missing_header", {"headers": RECORD.headers[1:]}),
    "a null header": ("empty_header", {"headers": header(RECORD, "ce_id", None)}),
    "a huge value": ("too_large", {"value": value(RECORD, filling="x" * MAX_VALUE_BYTES)}),
    "a wrong key": ("wrong_key", {"key": b"another case"}),
    "no key": ("wrong_key", {"key": None}),
    "a foreign producer": ("foreign_producer", {"headers": header(RECORD, SOURCE, b"/lamplight/notify")}),
    "a stranger": ("foreign_producer", {"headers": header(RECORD, SOURCE, b"/somebody/else")}),
    "a time to come": ("future_time", {"now": NOW - timedelta(minutes=5, seconds=1)}),
    "a NUL in a text": ("malformed_value", {"value": value(RECORD, summary="a\x00b")}),
    "a NUL that an attribute repeats": ("malformed_header", {"headers": header(RECORD, "ce_correlationid", b"a\x00b")}),
    "the wrong topic": ("wrong_topic", {"topic": "grid.cases"}),
}


@pytest.mark.parametrize("kind", POISON)
def test_poison_is_refused_with_its_reason(kind: str) -> None:
    reason, changes = POISON[kind]

    with pytest.raises(ContractError) as refusal:
        read(RECORD, **changes)

    assert refusal.value.reason == reason
    assert refusal.value.detail


@every_event
def test_nothing_became_true_in_times_to_come(event_class: type[Event]) -> None:
    record = an_outgoing(BUILDERS[event_class]())
    names = past_times_of(event_class)
    ahead = NOW + timedelta(minutes=5)

    assert names
    for name in names:
        read(record, value=value(record, **{name: ahead.isoformat()}))
        with pytest.raises(ContractError, match=name) as refusal:
            read(record, value=value(record, **{name: (ahead + timedelta(seconds=1)).isoformat()}))
        assert refusal.value.reason == "future_time"


def test_the_text_of_a_nul_is_no_nul() -> None:
    message = read(RECORD, value=value(RECORD, summary="a\\u0000b"))

    assert message.event == REPORT.model_copy(update={"summary": "a\\u0000b"})


def test_a_nul_in_a_field_that_nobody_knows_harms_nobody() -> None:
    assert read(RECORD, value=value(RECORD, added_later="\x00")).event == REPORT


def test_a_clock_that_is_a_little_ahead_is_forgiven() -> None:
    assert read(RECORD, now=NOW - timedelta(minutes=5)).event == REPORT


def test_the_largest_value_is_read() -> None:
    room = MAX_VALUE_BYTES - len(value(RECORD, filling=""))

    message = read(RECORD, value=value(RECORD, filling="x" * room))

    assert message.event == REPORT


def test_a_refused_value_is_not_repeated_in_the_reason() -> None:
    with pytest.raises(ContractError) as refusal:
        read(RECORD, value=value(RECORD, zone="13912345678"))

    assert "13912345678" not in str(refusal.value)


@every_event
def test_a_service_writes_no_topic_of_another(event_class: type[Event]) -> None:
    with pytest.raises(ContractError, match="stranger") as refusal:
        write_message(
            BUILDERS[event_class](), event_id=RECORD.event_id, producer="stranger", time=NOW, cause=Cause("c")
        )

    assert refusal.value.reason == "foreign_producer"


def test_an_event_that_is_too_large_is_refused_before_it_is_sent() -> None:
    event = a_case_event(CaseDispatched).model_copy(update={"summary": "x" * MAX_VALUE_BYTES})

    with pytest.raises(ContractError) as refusal:
        an_outgoing(event)

    assert refusal.value.reason == "too_large"


def test_an_absent_optional_field_is_not_on_the_wire() -> None:
    assert "outcome" not in json.loads(an_outgoing(a_report_received()).value)


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        a_report_received().zone = "320507007"  # type: ignore[misc]


def test_a_message_is_known_by_the_id_of_its_envelope() -> None:
    message = read(RECORD)

    other = replace(message, envelope=replace(message.envelope, id=REPORT.report_id))

    assert (message.id, other.id) == (RECORD.event_id, REPORT.report_id)


def test_text_of_any_language_comes_back_as_it_was() -> None:
    event: ReportReceived = a_report_received(summary="点亮 💡 مرحبا שלום")

    assert read(an_outgoing(event)).event == event
