"""Does a dead letter hold everything that a person needs to understand and replay a record?"""

from __future__ import annotations

from uuid import uuid4

import pytest

from lamplight_chassis.dead_letters import (
    MAX_HEADERS_BYTES,
    MAX_VALUE_BYTES,
    describe,
    letter_from_outbox,
    letter_from_record,
    place_id,
    reason_of,
    split_headers,
)
from lamplight_chassis.errors import Rejected
from lamplight_chassis.outbox import KafkaHeaders, pack_headers
from lamplight_chassis.relay_session import Row
from tests.builders import raw_record
from tests.chassis.parts import why_parked


def a_row(**changes: object) -> Row:
    fields: dict[str, object] = {"id": 7, "topic": "words", "key": b"key", "headers": "[]", "value": b"{}"}
    return Row(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_wrong_input_is_described_by_its_sentence() -> None:
    assert describe(Rejected("too_long", "word: at most 5 letters")) == "word: at most 5 letters"
    assert reason_of(Rejected("too_long", "word: at most 5 letters")) == "too_long"


def test_a_bug_is_described_by_its_traceback_and_kind() -> None:
    try:
        raise KeyError("missing")
    except KeyError as error:
        described, reason = describe(error), reason_of(error)

    assert described.startswith("Traceback")
    assert "KeyError: 'missing'" in described
    assert reason == "KeyError"


def test_the_end_of_a_long_traceback_is_kept() -> None:
    described = describe(ValueError("x" * 20_000 + " the point"))

    assert len(described) == 8 * 1024
    assert described.endswith("the point\n")


def test_a_record_keeps_its_key_headers_and_value_beside_the_reason() -> None:
    record = raw_record(b"value", key=b"\xff\x00", headers=(("ce_id", b"\x80"), ("none", None)), partition=3, offset=9)

    letter = letter_from_record(record, error=Rejected("rude", "no such words"), group="readers", topic="dead")

    assert (letter.topic, letter.key, letter.value) == ("dead", b"\xff\x00", b"value")
    assert letter.headers[:2] == (("ce_id", b"\x80"), ("none", None))
    assert why_parked(letter.headers) == {
        "topic": "words",
        "partition": "3",
        "offset": "9",
        "group": "readers",
        "reason": "rude",
        "error": "no such words",
    }


@pytest.mark.parametrize(
    ("value", "headers", "cut"),
    [
        (b"x" * MAX_VALUE_BYTES, (("mine", b"x" * 1000),), None),
        (b"x" * (MAX_VALUE_BYTES + 1), (), "value"),
        (b"x", (("mine", b"x" * MAX_HEADERS_BYTES),), "headers"),
        (b"x" * (MAX_VALUE_BYTES + 1), (("mine", b"x" * MAX_HEADERS_BYTES),), "value,headers"),
    ],
    ids=["nothing", "value", "headers", "both"],
)
def test_a_letter_says_what_of_its_record_was_cut(value: bytes, headers: KafkaHeaders, cut: str | None) -> None:
    record = raw_record(value, headers=headers)

    letter = letter_from_record(record, error=Rejected("rude", "no"), group="readers", topic="dead")

    assert why_parked(letter.headers).get("cut") == cut


def test_a_header_that_only_looks_like_one_of_ours_stays_with_its_record() -> None:
    foreign = (("dl_topic", b"\xff"), ("dl_cut", b"value"), ("dl_note", None))
    record = raw_record(b"value", headers=foreign)

    letter = letter_from_record(record, error=Rejected("rude", "no"), group="readers", topic="dead")

    theirs, ours = split_headers(letter.headers)
    assert tuple(theirs) == foreign
    assert why_parked(ours)["topic"] == "words"
    assert "cut" not in why_parked(ours)


def test_headers_without_a_reason_all_belong_to_the_record() -> None:
    assert split_headers((("dl_note", b"1"),)) == ((("dl_note", b"1"),), ())


def test_one_record_always_gets_one_letter_and_another_group_or_place_another() -> None:
    def letter_id(group: str = "readers", offset: int = 1, partition: int = 0) -> object:
        record = raw_record(b"value", offset=offset, partition=partition)
        return letter_from_record(record, error=Rejected("rude", "no"), group=group, topic="dead").event_id

    ids = {letter_id(), letter_id(), letter_id(group="writers"), letter_id(offset=2), letter_id(partition=1)}

    assert len(ids) == 4


def test_a_letter_never_has_the_id_of_its_record() -> None:
    record = raw_record(b"value")

    letter = letter_from_record(record, error=Rejected("rude", "no"), group="readers", topic="dead")

    assert letter.event_id != place_id(record, group="readers")


def test_an_unsendable_row_is_named_in_its_letter() -> None:
    row = a_row(headers=pack_headers([("ce_id", b"\x80"), ("none", None)]), value=None)

    letter = letter_from_outbox(row, producer="writers", topic="dead", reason="there is no topic words")

    assert (letter.topic, letter.key, letter.value) == ("dead", b"key", None)
    assert list(letter.headers[:2]) == [("ce_id", b"\x80"), ("none", None)]
    why = why_parked(letter.headers)
    assert (why["topic"], why["group"], why["outbox_id"]) == ("words", "writers", "7")
    assert (why["reason"], why["error"]) == ("unsendable", "there is no topic words")


def test_a_row_that_is_too_large_for_its_topic_is_cut_in_its_letter() -> None:
    letter = letter_from_outbox(a_row(value=b"x" * 2_000_000), producer="writers", topic="dead", reason="too large")

    assert letter.value == b"x" * 1024 * 1024
    assert why_parked(letter.headers)["cut"] == "value"


def test_an_error_that_is_no_valid_text_is_told_all_the_same() -> None:
    letter = letter_from_outbox(a_row(), producer="writers", topic="dead", reason="\ud800")

    assert why_parked(letter.headers)["error"] == "?"


def test_the_same_row_always_gets_the_same_letter() -> None:
    first, again, other = (
        letter_from_outbox(a_row(id=row_id, key=uuid4().bytes), producer="writers", topic="dead", reason="no")
        for row_id in (1, 1, 2)
    )

    assert first.event_id == again.event_id != other.event_id
