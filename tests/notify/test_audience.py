"""Does everybody who must know of an event learn of it, and nobody else?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from lamplight_events.cases import CaseClosed, CaseDispatched, CaseEvent, CaseResolved
from lamplight_events.topics import CASES
from notify.audience import RULES, Addressed, AlertKind, who_must_know
from tests.builders import UNIT, a_case_event

TOLD: dict[type[CaseEvent], Sequence[Addressed]] = {
    CaseDispatched: [Addressed(f"unit:{UNIT}", AlertKind.CASE_ASSIGNED)],
    CaseResolved: [Addressed("command_centre", AlertKind.WORK_TO_CHECK)],
    CaseClosed: [Addressed(f"report:{UUID(int=1)}", AlertKind.CASE_CLOSED)],
}


@pytest.mark.parametrize("event_class", CASES.events)
def test_an_event_alerts_whom_the_table_says(event_class: type[CaseEvent]) -> None:
    assert list(who_must_know(a_case_event(event_class))) == list(TOLD.get(event_class, ()))


def test_every_rule_is_for_an_event_of_a_case() -> None:
    assert set(RULES) <= set(CASES.events)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_everyone_who_reported_a_case_learns_its_end(number: int) -> None:
    reports = tuple(UUID(int=place) for place in range(number))

    addressed = who_must_know(a_case_event(CaseClosed, report_ids=reports))

    assert [one.recipient for one in addressed] == [f"report:{report_id}" for report_id in reports]
