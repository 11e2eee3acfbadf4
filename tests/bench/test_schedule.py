"""Is an open loop due at a fixed rate, whatever happens?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.schedule import Schedule


def test_requests_are_due_at_even_steps_from_the_start() -> None:
    assert list(Schedule(rate_per_s=4, duration_s=1).due_times_s()) == [0.0, 0.25, 0.5, 0.75]


@given(st.floats(0.5, 500), st.floats(0.5, 4))
@settings(deadline=None)
def test_the_rate_is_kept_to_the_last_request(rate_per_s: float, duration_s: float) -> None:
    schedule = Schedule(rate_per_s, duration_s)

    due_s = list(schedule.due_times_s())

    assert len(due_s) == len(schedule) == round(rate_per_s * duration_s)
    assert all(later - earlier == pytest.approx(1 / rate_per_s) for earlier, later in pairwise(due_s))


def test_the_schedule_is_the_same_whenever_it_is_asked_for() -> None:
    schedule = Schedule(200, 3)

    assert list(schedule.due_times_s()) == list(schedule.due_times_s())


@pytest.mark.parametrize(("rate_per_s", "duration_s", "field"), [(0, 1, "rate_per_s"), (1, 0, "duration_s")])
def test_a_schedule_without_rate_or_time_is_refused(rate_per_s: float, duration_s: float, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Schedule(rate_per_s, duration_s)
