"""Do percentiles and medians say what was measured, the missing included?"""

from __future__ import annotations

import math
from statistics import quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.figures import MISSING_MS, middle, percentile, spread

TIMES = st.lists(st.floats(0, 1e6), min_size=1, max_size=200)


def test_a_percentile_is_one_of_the_values_and_nothing_between_two() -> None:
    assert percentile([10.0, 20.0], 0.5) == 10.0
    assert percentile([10.0, 20.0], 0.51) == 20.0


def test_the_ends_are_the_smallest_and_the_largest() -> None:
    values = [3.0, 1.0, 2.0]

    assert (percentile(values, 0.0), percentile(values, 1.0)) == (1.0, 3.0)


def test_of_a_hundred_values_the_99th_percentile_leaves_one_above() -> None:
    values = [float(number) for number in range(1, 101)]

    assert percentile(values, 0.99) == 99.0


@given(TIMES, st.floats(0, 1))
@settings(deadline=None)
def test_at_least_the_share_of_all_values_is_not_above_the_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)

    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert found in values


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5), ([1.0], -0.1)])
def test_a_percentile_of_nothing_or_beyond_all_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match=r"values|share"):
        percentile(values, share)


def test_a_spread_agrees_with_the_quantiles_of_many_values() -> None:
    values = [float(number) for number in range(10_000)]

    found = spread(values)

    assert found.p95_ms == pytest.approx(quantiles(values, n=100)[94], abs=2)
    assert found.count == len(values)


def test_what_never_came_is_the_slowest_of_all() -> None:
    found = spread([*[5.0] * 98, MISSING_MS, MISSING_MS])

    assert found.p95_ms == 5.0
    assert math.isinf(found.p99_ms)


def test_what_never_came_is_null_in_plain_figures() -> None:
    assert spread([1.0, MISSING_MS]).as_plain()["max_ms"] is None


def test_no_times_at_all_are_zeros() -> None:
    assert spread([]).count == 0


def test_the_reported_run_is_the_median_and_never_the_best() -> None:
    assert middle([90.0, 300.0, 100.0]) == 100.0
