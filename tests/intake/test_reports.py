"""Is a report taken when it can be true, and refused by the field that cannot?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from intake.reports import NewReport, Report, accept_report, tell_received
from intake.zones import ZoneMap
from lamplight_chassis.errors import Rejected
from lamplight_events.vocabulary import Outcome, Source
from tests.builders import CATEGORY, NOW, POINT, ZONE, a_report_body

ZONES = ZoneMap.load()
REPORT_ID, CASE_ID = UUID(int=1), UUID(int=2)


def accepted(**changes: Any) -> Report:
    new = NewReport.model_validate(a_report_body(**changes), strict=False)
    return accept_report(new, zones=ZONES, report_id=REPORT_ID, case_id=CASE_ID, now=NOW)


def test_a_report_is_placed_in_its_street() -> None:
    report = accepted()

    assert (report.id, report.case_id, report.zone, report.category) == (REPORT_ID, CASE_ID, ZONE, CATEGORY)
    assert (report.longitude_deg, report.latitude_deg) == POINT
    assert (report.observed_at, report.received_at) == (NOW, NOW)


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"category": "no_such_thing"}, "unknown_category", "category"),
        ({"category": ""}, "unknown_category", "category"),
        ({"category": "a\x00b"}, "unknown_category", "category"),
        ({"location": {"longitude": 0.0, "latitude": 0.0}}, "outside_city", "location"),
        ({"location": {"longitude": POINT[1], "latitude": -POINT[0] / 2}}, "outside_city", "location"),
        ({"observed_at": NOW + timedelta(minutes=5, seconds=1)}, "impossible_time", "observed_at"),
        ({"observed_at": NOW - timedelta(days=365, seconds=1)}, "impossible_time", "observed_at"),
        ({"outcome": Outcome.PERSUADED}, "outcome_without_patrol", "outcome"),
    ],
)
def test_what_cannot_be_true_is_refused_by_its_field(changes: dict[str, Any], reason: str, field: str) -> None:
    with pytest.raises(Rejected) as refusal:
        accepted(**changes)

    assert refusal.value.reason == reason
    assert refusal.value.detail.startswith(f"{field}: ")


@pytest.mark.parametrize("source", [each for each in Source if each is not Source.PATROL])
def test_nobody_but_a_patrol_settles_on_the_spot(source: Source) -> None:
    with pytest.raises(Rejected, match="only a patrol"):
        accepted(source=source, outcome=Outcome.EDUCATED)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_patrol_says_what_it_reached(outcome: Outcome) -> None:
    assert accepted(source=Source.PATROL, outcome=outcome).outcome is outcome


@pytest.mark.parametrize("age", [timedelta(minutes=-5), timedelta(0), timedelta(days=365)])
def test_a_time_within_the_limits_is_kept(age: timedelta) -> None:
    assert accepted(observed_at=NOW - age).observed_at == NOW - age


def test_the_event_carries_the_masked_beginning_of_the_text_and_not_the_text() -> None:
    report = accepted(description="摊贩 13912345678\n" + "x" * 3000, source=Source.PATROL, reporter_ref="team-7")

    event = tell_received(report)

    assert event.summary.startswith("摊贩 *** xxx")
    assert len(event.summary) == 200
    assert (event.report_id, event.case_id, event.zone) == (REPORT_ID, CASE_ID, ZONE)
    assert (event.source, event.reporter_ref, event.outcome) == (Source.PATROL, "team-7", None)
    assert "description" not in event.model_dump()


def test_a_form_takes_nothing_that_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        accepted(phone="13912345678")
