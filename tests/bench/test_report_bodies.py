"""Are the reports of the benchmarks such that each leads to exactly one alert?"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from dispatch.cases import open_case
from dispatch.routing import RoutingTable
from intake.reports import NewReport, accept_report, tell_received
from intake.zones import ZoneMap
from lamplight_events.vocabulary import CaseState
from tests.bench.report_bodies import report_bodies

NOW = datetime(2026, 5, 20, 4, tzinfo=UTC)
ID = UUID(int=1)


def test_every_body_is_accepted_and_its_case_goes_to_a_unit() -> None:
    zones, routing = ZoneMap.load(), RoutingTable.load()

    states = set()
    for body in report_bodies():
        report = accept_report(NewReport.model_validate_json(body), zones=zones, report_id=ID, case_id=ID, now=NOW)
        states.add(open_case(tell_received(report), routing=routing, assignment_id=ID, at=NOW)[-1].case.state)

    assert states == {CaseState.DISPATCHED}


def test_the_bodies_are_the_same_in_every_run() -> None:
    first = list(report_bodies())
    report_bodies.cache_clear()

    assert list(report_bodies()) == first
