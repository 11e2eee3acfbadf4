"""Does a chore outlive its failures, and does the log say which one failed and why?"""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from structlog.testing import capture_logs

from lamplight_chassis.chores import Chore, name_of, repeat


async def sweep(failures: list[Exception], done: asyncio.Event) -> None:
    if failures:
        raise failures.pop(0)
    done.set()


class Sweeper:
    """A chore that has no name of its own."""

    async def __call__(self) -> None: ...

    async def _sweep(self) -> None: ...


async def test_a_chore_goes_on_after_a_failure_and_the_log_names_it() -> None:
    done = asyncio.Event()
    failures: list[Exception] = [KeyError("a bug"), ConnectionResetError("away")]

    with capture_logs() as logs:
        running = asyncio.create_task(repeat(partial(sweep, failures, done), every_s=0))
        async with asyncio.timeout(5):
            await done.wait()
        running.cancel()

    bug, outage = logs
    assert {(line["event"], line["chore"]) for line in logs} == {("service.chore_failed", "sweep")}
    assert (bug["log_level"], outage["log_level"]) == ("error", "warning")
    assert (repr(bug["exc_info"]), outage["exc_info"]) == ("KeyError('a bug')", None)


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (partial(partial(sweep, []), asyncio.Event()), "sweep"),
        (Sweeper()._sweep, "sweep"),
        (Sweeper(), "Sweeper"),
    ],
    ids=["partial", "method", "object"],
)
def test_a_chore_is_called_as_its_function_is(act: Chore, name: str) -> None:
    assert name_of(act) == name
