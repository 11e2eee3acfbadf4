"""Are alerts read from an event stream as the standard wants it?"""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from deploy.demo.alerts import Alert, EventReader, addressee
from deploy.demo.language import Language, Wording

DATA = {
    "position": 7,
    "case_id": str(UUID(int=1)),
    "recipient": "unit:squadron_yuanhe",
    "kind": "case_assigned",
    "text_zh": "【新案卷】",
    "text_en": "New case",
}
ALERT = Alert(7, str(UUID(int=1)), "unit:squadron_yuanhe", "case_assigned", Wording("【新案卷】", "New case"))


def read(*lines: str) -> list[Alert]:
    reader = EventReader()
    return [alert for line in lines for alert in reader.feed(line)]


def test_an_event_is_complete_at_its_empty_line() -> None:
    data = f"data: {json.dumps(DATA)}"

    assert read("id: 7", "event: case_assigned", data) == []
    assert read("id: 7", "event: case_assigned", data, "") == [ALERT]


def test_data_in_several_lines_is_one_alert() -> None:
    lines = json.dumps(DATA, indent=1).splitlines()

    assert read(*(f"data:{line}" for line in lines), "") == [ALERT]


@pytest.mark.parametrize("line", [": ping", "retry: 1000", "id: 9"])
def test_lines_without_data_are_no_alert(line: str) -> None:
    assert read(line, "", "") == []


def test_an_alert_reads_in_both_languages_and_says_to_whom() -> None:
    assert ALERT.line(Language.ZH) == "元和街道城管中队 · 【新案卷】"
    assert ALERT.line(Language.EN) == "Yuanhe enforcement squadron · New case"


@pytest.mark.parametrize(
    ("recipient", "name"),
    [
        ("unit:squadron_yuanhe", "Yuanhe enforcement squadron"),
        ("command_centre", "Command centre"),
        (f"report:{UUID(int=1)}", "Reporter"),
        ("unit:newcomer", "unit:newcomer"),
    ],
)
def test_recipients_are_told_by_what_they_are(recipient: str, name: str) -> None:
    assert addressee(recipient).en == name
