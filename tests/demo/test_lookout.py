"""Are the services' metrics and lists read for what they say?"""

from __future__ import annotations

import pytest

from deploy.demo.evidence import waiting_events
from deploy.demo.figures import Figures, read_figures
from deploy.demo.lookout import Totals, dots, outcomes, rates, totals
from deploy.demo.scene import Rates
from lamplight_events.vocabulary import CaseState, Outcome

PAGE = """\
# HELP grid_reports_total How many reports came in, by channel and category?
# TYPE grid_reports_total counter
grid_reports_total{source="patrol",category="mobile_vendor"} 3.0
grid_reports_total{source="open311",category="graffiti"} 4.0
# TYPE grid_patrol_sightings_total counter
grid_patrol_sightings_total{outcome="persuaded"} 2.0
# TYPE outbox_rows gauge
outbox_rows 5.0
# TYPE outbox_parked_rows gauge
outbox_parked_rows 1.0
# TYPE outbox_published_total counter
outbox_published_total{topic="grid.reports"} 7.0
"""


def test_a_metric_is_summed_over_the_labels_that_were_left_open() -> None:
    figures = read_figures(PAGE)

    assert figures.total("grid_reports_total") == 7
    assert figures.total("grid_reports_total", source="patrol") == 3
    assert figures.total("nobody_knows") == 0


def test_a_service_that_does_not_answer_has_no_figures() -> None:
    assert read_figures("") == Figures()


def test_outcomes_are_those_that_intake_counts() -> None:
    assert outcomes(read_figures(PAGE))[Outcome.PERSUADED] == 2
    assert outcomes(read_figures(PAGE))[Outcome.REFUSED] == 0


def test_events_that_can_never_be_sent_wait_too() -> None:
    assert waiting_events([read_figures(PAGE), Figures()]) == 6


def test_throughput_is_what_came_between_the_first_and_the_last_look() -> None:
    looks = [Totals(10.0, 100, 500), Totals(11.0, 109, 540), Totals(14.0, 120, 700)]

    assert rates(looks) == Rates(5.0, 50.0)


@pytest.mark.parametrize("looks", [[], [Totals(1.0, 5, 5)], [Totals(1.0, 5, 5), Totals(1.0, 6, 6)]])
def test_there_is_no_throughput_without_time_between_two_looks(looks: list[Totals]) -> None:
    assert rates(looks) == Rates()


def test_events_are_counted_over_all_services() -> None:
    pages = dict.fromkeys(("intake", "dispatch", "notify"), read_figures(PAGE))

    assert totals(pages, at_s=1.0) == Totals(1.0, 7, 21)


def test_a_case_becomes_a_dot_where_it_lies() -> None:
    case = {
        "case_id": "a",
        "longitude_deg": 120.6,
        "latitude_deg": 31.3,
        "state": "handling",
        "category": "graffiti",
        "zone": "320507007",
    }

    [dot] = dots([case])

    assert (dot.longitude_deg, dot.latitude_deg, dot.state) == (120.6, 31.3, CaseState.HANDLING)
