"""Is only that counted which happens inside the window, and the CPU time with it?"""

from __future__ import annotations

import asyncio

import pytest

from tests.bench.cpu_table import cpu_detail, cpu_notes
from tests.bench.load.connection import BROKEN
from tests.bench.load.cpu import GENERATOR, OTHERS, CpuUse
from tests.bench.load.window import Tally, count_window


def test_a_closed_tally_notes_nothing() -> None:
    tally = Tally()

    tally.finish("case")
    tally.fail("create", BROKEN)
    tally.note("create", 1.0)

    assert (tally.done, tally.errors, tally.times_ms) == ({}, {}, {})


def test_an_open_tally_counts_by_name_and_keeps_milliseconds() -> None:
    tally = Tally(is_open=True)

    tally.finish("case")
    tally.fail("create", BROKEN)
    tally.note("create", 0.25)

    assert tally.done == {"case": 1}
    assert tally.errors == {"create: no answer": 1}
    assert tally.times_ms == {"create": [250.0]}


async def test_users_are_stopped_where_they_are_when_the_window_closes() -> None:
    tally = Tally()

    async def work() -> None:
        while True:
            await asyncio.sleep(0.001)
            tally.finish("case")

    counted = await count_window([work(), work()], tally, warm_up_s=0.01, measure_s=0.05, pids={})

    assert counted.per_s("case") == counted.done["case"] / counted.window_s > 0


async def test_a_user_that_breaks_is_a_bug_of_the_bench_and_not_a_low_figure() -> None:
    async def work() -> None:
        raise KeyError("case_id")

    with pytest.raises(KeyError):
        await count_window([work()], Tally(), warm_up_s=0.0, measure_s=0.01, pids={})


def test_the_cpu_table_says_what_each_thing_cost_and_where() -> None:
    use = CpuUse(window_s=10.0, cores=2, seconds={"intake": 5.0, GENERATOR: 1.0, OTHERS: 0.5})

    rows = cpu_detail([use, use], done=1_000, thing="report").rows

    assert rows[0] == {"process": "intake", "CPU s": 10.0, "cores busy": 0.5, "ms per report": 10.0}


def test_a_disturbed_machine_is_named_beside_the_figure() -> None:
    quiet = CpuUse(window_s=10.0, cores=2, seconds={GENERATOR: 1.0, OTHERS: 0.5})
    disturbed = CpuUse(window_s=10.0, cores=2, seconds={GENERATOR: 1.0, OTHERS: 8.0})

    assert len(cpu_notes([quiet])) == 1
    assert "other programs took 40%" in cpu_notes([disturbed])[1]
