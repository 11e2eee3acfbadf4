"""Does an alert say in both languages what happened where, and nothing about a person?"""

from __future__ import annotations

from uuid import UUID

import pytest

from lamplight_events.cases import CaseClosed, CaseDispatched, CaseEvent, CaseResolved
from lamplight_events.divisions import load_zones
from notify.audience import AlertKind
from notify.messages import TEMPLATES, word
from tests.builders import ZONE, a_case_event

CASE = UUID("01980000-0000-7000-8000-0123456789ab")
EVENT_OF: dict[AlertKind, type[CaseEvent]] = {
    AlertKind.CASE_ASSIGNED: CaseDispatched,
    AlertKind.WORK_TO_CHECK: CaseResolved,
    AlertKind.CASE_CLOSED: CaseClosed,
}


def test_every_kind_has_its_words() -> None:
    assert set(TEMPLATES) == set(AlertKind) == set(EVENT_OF)


@pytest.mark.parametrize("kind", AlertKind)
def test_an_alert_names_category_street_and_case_in_both_languages(kind: AlertKind) -> None:
    street = load_zones()[ZONE].name_zh

    wording = word(kind, a_case_event(EVENT_OF[kind], case_id=CASE, category="mobile_vendor", zone=ZONE))

    assert "无照经营游商" in wording.zh
    assert "Unlicensed mobile vendor" in wording.en
    assert street in wording.zh
    assert street in wording.en
    assert wording.zh.endswith("0123456789ab")
    assert wording.en.endswith("0123456789ab")


@pytest.mark.parametrize("kind", AlertKind)
def test_a_category_and_a_street_that_are_not_known_here_are_shown_by_their_codes(kind: AlertKind) -> None:
    wording = word(kind, a_case_event(EVENT_OF[kind], category="sleigh_parking", zone="999999999"))

    for text in (wording.zh, wording.en):
        assert "sleigh_parking" in text
        assert "999999999" in text


def test_an_alert_repeats_nothing_of_what_was_reported() -> None:
    event = a_case_event(CaseDispatched, case_id=CASE, summary="Mr Wang, 138-1234-5678, 12幢3单元", actor="Wang")

    wording = word(AlertKind.CASE_ASSIGNED, event)

    for text in (wording.zh, wording.en):
        assert not [
            word for word in ("Wang", "13812345678", "501") if word in text.removesuffix(str(event.case_id)[-12:])
        ]
