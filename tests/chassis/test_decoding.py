"""Does what the contract refuses become a refusal of the plumbing, reason and all?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from lamplight_chassis.decoding import contract_decoder
from lamplight_chassis.errors import Rejected
from tests.builders import NOW, raw_record


class TooLoud(ValueError):
    """A refusal as the contract words it."""

    reason = "too_loud"
    detail = "word: at most 60 dB"


def test_the_reader_gets_every_part_of_the_record_and_the_time() -> None:
    seen: dict[str, Any] = {}

    def read(*, now: datetime, **parts: Any) -> str:
        seen.update(parts, now=now)
        return "message"

    message = contract_decoder(read, now=lambda: NOW)(raw_record(b"v", topic="t", key=b"k", headers=(("h", None),)))

    assert message == "message"
    assert seen == {"topic": "t", "key": b"k", "headers": (("h", None),), "value": b"v", "now": NOW}


def test_what_the_contract_refuses_is_a_refusal_with_its_reason() -> None:
    def read(**_: Any) -> str:
        raise TooLoud

    with pytest.raises(Rejected) as refusal:
        contract_decoder(read, now=lambda: NOW)(raw_record(b""))

    assert (refusal.value.reason, refusal.value.detail) == ("too_loud", "word: at most 60 dB")


@pytest.mark.parametrize("bug", [KeyError("bug"), ValueError("odd"), UnicodeDecodeError("utf-8", b"x", 0, 1, "odd")])
def test_a_bug_in_the_reader_is_no_refusal(bug: Exception) -> None:
    def read(**_: Any) -> str:
        raise bug

    with pytest.raises(type(bug)):
        contract_decoder(read, now=lambda: NOW)(raw_record(b""))
