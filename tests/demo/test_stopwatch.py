"""Is the time from report to alert measured as the reporter's side sees it?"""

from __future__ import annotations

import pytest

from deploy.demo.stopwatch import Latency, Stopwatch, percentile


def test_there_is_no_latency_before_the_first_alert() -> None:
    watch = Stopwatch()
    watch.sent("a", 1.0)

    assert watch.latency() is None


def test_an_alert_that_is_told_before_its_report_counts_all_the_same() -> None:
    watch = Stopwatch()
    watch.arrived("a", 1.5)
    watch.sent("a", 1.0)

    assert watch.latency() == Latency(1, 0.5, 0.5)


def test_only_the_first_alert_of_a_case_counts() -> None:
    watch = Stopwatch()
    watch.sent("a", 1.0)
    watch.arrived("a", 1.25)
    watch.arrived("a", 9.0)

    assert watch.latency() == Latency(1, 0.25, 0.25)


def test_alerts_of_foreign_cases_count_nothing() -> None:
    watch = Stopwatch()
    watch.arrived("somebody else's", 1.0)

    assert watch.latency() is None


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.951, 96), (1.0, 100)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert percentile(list(range(1, 101)), share) == value


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([3.0], 0.5) == 3.0
