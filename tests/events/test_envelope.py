"""Does an envelope survive the wire, and is every broken one refused by the attribute that is wrong?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplight_events.envelope import Cause, ContractError, Envelope, Headers, read_headers, write_headers

ID, CAUSE_ID = UUID(int=7), UUID(int=8)
TIME = datetime(2026, 5, 20, 12, 0, 0, 123456, tzinfo=UTC)
REASONS = {"unknown_spec_version", "empty_header", "header_too_long", "malformed_header"}
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=100)


def an_envelope() -> Envelope:
    return Envelope(
        id=ID,
        type="grid.case.filed.v1",
        producer="dispatch",
        subject=str(ID),
        time=TIME,
        cause=Cause("correlation", CAUSE_ID, "00-1234-5678-01"),
    )


def headers(**changes: bytes | None) -> dict[str, bytes | None]:
    return {**dict(write_headers(an_envelope())), **changes}


def without(name: str) -> Headers:
    return [item for item in headers().items() if item[0] != name]


def test_an_envelope_comes_back_as_it_was() -> None:
    assert read_headers(write_headers(an_envelope())) == an_envelope()


def test_the_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    assert dict(write_headers(an_envelope())) == {
        "ce_specversion": b"1.0",
        "ce_id": str(ID).encode(),
        "ce_type": b"grid.case.filed.v1",
        "ce_source": b"/lamplight/dispatch",
        "ce_subject": str(ID).encode(),
        "ce_time": b"2026-05-20T12:00:00.123456+00:00",
        "content-type": b"application/json",
        "ce_correlationid": b"correlation",
        "ce_causationid": str(CAUSE_ID).encode(),
        "traceparent": b"00-1234-5678-01",
    }


def test_a_cause_without_an_event_writes_no_empty_header() -> None:
    envelope = Envelope(ID, "t", "dispatch", "s", TIME, Cause("correlation"))

    names = [name for name, _ in write_headers(envelope)]

    assert "ce_causationid" not in names
    assert "traceparent" not in names
    assert read_headers(write_headers(envelope)) == envelope


@given(
    st.uuids(),
    TEXT,
    TEXT,
    TEXT,
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    TEXT,
    st.none() | st.uuids(),
    st.none() | TEXT,
)
def test_any_envelope_comes_back_as_it_was(
    event_id: UUID,
    kind: str,
    producer: str,
    subject: str,
    time: datetime,
    correlation: str,
    cause: UUID | None,
    trace: str | None,
) -> None:
    envelope = Envelope(event_id, kind, f"p{producer}", subject, time, Cause(correlation, cause, trace))

    assert read_headers(write_headers(envelope)) == envelope


def test_foreign_headers_beside_it_are_left_alone() -> None:
    found = [("x-tool", b"\xff"), *write_headers(an_envelope()), ("x-none", None)]

    assert read_headers(found) == an_envelope()


def test_what_an_event_brings_about_carries_its_id_and_its_correlation() -> None:
    assert an_envelope().follow() == Cause("correlation", ID, "00-1234-5678-01")


@pytest.mark.parametrize(
    "name", ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_correlationid"]
)
def test_a_missing_attribute_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ContractError, match=name) as refusal:
        read_headers(without(name))

    assert refusal.value.reason == "missing_header"


@pytest.mark.parametrize("name", ["ce_causationid", "traceparent"])
@pytest.mark.parametrize("value", [None, b""])
def test_an_optional_attribute_may_be_empty_or_not_there(name: str, value: bytes | None) -> None:
    assert read_headers(without(name)).cause.correlation_id == "correlation"
    assert read_headers(list(headers(**{name: value}).items())).cause.correlation_id == "correlation"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ce_id", None, "empty_header"),
        ("ce_id", b"", "empty_header"),
        ("ce_type", None, "empty_header"),
        ("ce_correlationid", b"", "empty_header"),
        ("ce_subject", b"x" * 513, "header_too_long"),
        ("ce_correlationid", b"x" * 513, "header_too_long"),
        ("ce_type", b"\xff\xfe", "malformed_header"),
        ("ce_correlationid", b"a\x00b", "malformed_header"),
        ("ce_correlationid", b"a\nb", "malformed_header"),
        ("ce_subject", b"a\x7fb", "malformed_header"),
        ("ce_type", "a\x85b".encode(), "malformed_header"),
        ("traceparent", b"\x1b[2J", "malformed_header"),
        ("ce_id", b"seven", "malformed_header"),
        ("ce_causationid", b"seven", "malformed_header"),
        ("ce_time", b"noon", "malformed_header"),
        ("ce_time", b"2026-05-20T12:00:00", "malformed_header"),
        ("ce_specversion", b"0.3", "unknown_spec_version"),
        ("ce_specversion", b"2.0", "unknown_spec_version"),
    ],
)
def test_a_broken_attribute_is_refused_by_its_name_and_reason(name: str, value: bytes | None, reason: str) -> None:
    with pytest.raises(ContractError, match=name) as refusal:
        read_headers(list(headers(**{name: value}).items()))

    assert refusal.value.reason == reason


@given(st.lists(st.tuples(st.sampled_from([*headers(), "x"]), st.none() | st.binary(max_size=40))))
def test_any_headers_are_read_or_refused_and_never_break_the_reader(found: list[tuple[str, bytes | None]]) -> None:
    read = read_or_reason([*headers().items(), *found])

    assert read in REASONS if isinstance(read, str) else read_headers(write_headers(read)) == read


def read_or_reason(found: Headers) -> Envelope | str:
    try:
        return read_headers(found)
    except ContractError as error:
        return error.reason
