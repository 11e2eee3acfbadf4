"""Does the demo end once when it is asked to, and let nothing cut its stop short?"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from deploy.demo.ending import SIGNALS, Ending


@pytest.fixture
def ending() -> Iterator[Ending]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    made = Ending()
    made.listen()
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


async def send(number: signal.Signals) -> str:
    await asyncio.sleep(0.01)
    os.kill(os.getpid(), number)
    await asyncio.sleep(30)
    return "nobody came"


@pytest.mark.parametrize("number", SIGNALS)
async def test_a_signal_ends_the_work_and_leaves_its_blocks_in_order(ending: Ending, number: signal.Signals) -> None:
    left: list[str] = []

    async def work() -> str:
        try:
            return await send(number)
        finally:
            left.append("block")

    assert await ending.unless_asked(work()) is None
    assert left == ["block"]


async def test_work_that_nobody_ends_gives_its_result(ending: Ending) -> None:
    async def work() -> str:
        return "done"

    assert await ending.unless_asked(work()) == "done"


async def test_a_failure_of_the_work_is_told(ending: Ending) -> None:
    async def work() -> None:
        raise ValueError("no such street")

    with pytest.raises(ValueError, match="no such street"):
        await ending.unless_asked(work())


async def test_nothing_new_begins_after_a_signal(ending: Ending) -> None:
    await ending.unless_asked(send(signal.SIGINT))

    assert await ending.unless_asked(send(signal.SIGINT)) is None


def test_outside_the_loop_the_first_signal_is_a_keyboard_interrupt_and_the_second_nothing(ending: Ending) -> None:
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)

    os.kill(os.getpid(), signal.SIGINT)


def test_a_stop_that_has_begun_is_not_cut_short(ending: Ending) -> None:
    ending.begin()

    for number in SIGNALS:
        os.kill(os.getpid(), number)
