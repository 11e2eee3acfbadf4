"""Do many requests share one transaction without harming one another?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from lamplight_chassis.errors import Transient
from lamplight_chassis.group_commit import MAX_WAITING, GroupCommit
from lamplight_chassis.transience import is_transient


class Shouting:
    """Answers each word in capitals; keeps the groups that it was handed, and waits at a gate."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def execute(self, words: Sequence[str]) -> Sequence[str | Exception]:
        self.groups.append(list(words))
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        if "bad" in words:
            raise ValueError("a bad word")
        return [LookupError(word) if word == "unknown" else word.upper() for word in words]


@asynccontextmanager
async def serving(
    shouting: Shouting, *, limit: int = 100, patience_s: float = 5.0
) -> AsyncIterator[GroupCommit[str, str]]:
    group: GroupCommit[str, str] = GroupCommit(shouting.execute, limit=limit, patience_s=patience_s)
    task = asyncio.create_task(group.run())
    yield group
    shouting.gate.set()
    group.stop()
    async with asyncio.timeout(5):
        await task


async def submitted(group: GroupCommit[str, str], *words: str) -> list[asyncio.Task[str]]:
    """Submit at the same time, and return when all of them are in the queue."""
    tasks = [asyncio.create_task(group.submit(word)) for word in words]
    await asyncio.sleep(0)
    return tasks


async def test_requests_that_arrive_during_a_transaction_share_the_next_one() -> None:
    shouting = Shouting()
    async with serving(shouting) as group:
        shouting.gate.clear()
        first = await submitted(group, "one")
        await asyncio.sleep(0)
        later = await submitted(group, "two", "three", "four")
        shouting.gate.set()

        answers = await asyncio.gather(*first, *later)

    assert answers == ["ONE", "TWO", "THREE", "FOUR"]
    assert shouting.groups == [["one"], ["two", "three", "four"]]


async def test_a_group_is_never_larger_than_the_limit() -> None:
    shouting = Shouting()
    async with serving(shouting, limit=2) as group:
        answers = await asyncio.gather(*(group.submit(word) for word in "abcde"))

    assert answers == list("ABCDE")
    assert shouting.groups == [["a", "b"], ["c", "d"], ["e"]]


async def test_a_request_that_breaks_the_transaction_fails_alone() -> None:
    async with serving(Shouting()) as group:
        answers = await asyncio.gather(*(group.submit(word) for word in ("a", "bad", "c")), return_exceptions=True)

    assert answers[0::2] == ["A", "C"]
    assert isinstance(answers[1], ValueError)


async def test_a_refusal_is_answered_to_its_own_request_alone() -> None:
    shouting = Shouting()
    async with serving(shouting) as group:
        answers = await asyncio.gather(*(group.submit(word) for word in ("a", "unknown", "c")), return_exceptions=True)

    assert answers[0::2] == ["A", "C"]
    assert isinstance(answers[1], LookupError)
    assert len(shouting.groups) == 1


async def test_a_database_that_is_away_is_told_to_all_at_once_without_trying_each() -> None:
    shouting = Shouting()
    shouting.failure = ConnectionRefusedError("away")
    async with serving(shouting) as group:
        answers = await asyncio.gather(*(group.submit(word) for word in ("a", "b")), return_exceptions=True)

    assert [type(answer) for answer in answers] == [ConnectionRefusedError, ConnectionRefusedError]
    assert shouting.groups == [["a", "b"]]


async def test_the_group_serves_on_after_a_failure() -> None:
    shouting = Shouting()
    shouting.failure = ConnectionRefusedError("away")
    async with serving(shouting) as group:
        with pytest.raises(ConnectionRefusedError):
            await group.submit("a")
        shouting.failure = None

        answer = await group.submit("b")

    assert answer == "B"


async def test_a_client_that_went_away_harms_nobody_in_its_group() -> None:
    shouting = Shouting()
    async with serving(shouting) as group:
        shouting.gate.clear()
        [gone, waiting] = await submitted(group, "gone", "waiting")
        await asyncio.sleep(0)
        gone.cancel()
        shouting.gate.set()

        answer = await waiting
        later = await group.submit("later")

    assert (answer, later) == ("WAITING", "LATER")
    assert gone.cancelled()


async def test_what_waits_at_a_stop_is_served_before_the_end() -> None:
    shouting = Shouting()
    shouting.gate.clear()
    async with serving(shouting) as group:
        first = await submitted(group, "one")
        await asyncio.sleep(0)
        later = await submitted(group, "two", "three")

    answers = [task.result() for task in (*first, *later)]

    assert answers == ["ONE", "TWO", "THREE"]


async def test_nothing_is_taken_after_a_stop() -> None:
    async with serving(Shouting()) as group:
        group.stop()

        with pytest.raises(Transient):
            await group.submit("late")


async def test_a_full_queue_refuses_more_and_serves_what_it_took() -> None:
    shouting = Shouting()
    shouting.gate.clear()
    async with serving(shouting, limit=500) as group:
        first = await submitted(group, "first")
        await asyncio.sleep(0)
        waiting = await submitted(group, *(["word"] * MAX_WAITING))

        with pytest.raises(Transient, match="too many"):
            await group.submit("one too many")

    answers = [task.result() for task in (*first, *waiting)]
    assert answers == ["FIRST", *(["WORD"] * MAX_WAITING)]


async def test_a_database_that_hangs_is_told_soon_to_those_it_may_have_served_and_to_those_behind_them() -> None:
    shouting = Shouting()
    shouting.gate.clear()
    async with serving(shouting, patience_s=0.05) as group:
        async with asyncio.timeout(2):
            begun = await submitted(group, "begun")
            await asyncio.sleep(0)
            behind = await submitted(group, "behind", "gone")
            behind[1].cancel()
            [first, second, _] = await asyncio.gather(*begun, *behind, return_exceptions=True)
            [late] = await asyncio.gather(group.submit("late"), return_exceptions=True)

    assert [type(first), type(second), type(late)] == [TimeoutError, Transient, Transient]
    assert all(is_transient(error) for error in (first, second, late) if isinstance(error, Exception))
    assert shouting.groups == [["begun"]]


async def test_the_group_serves_on_after_a_database_that_hung() -> None:
    shouting = Shouting()
    shouting.gate.clear()
    async with serving(shouting, patience_s=0.05) as group:
        with pytest.raises(TimeoutError):
            await group.submit("begun")
        shouting.gate.set()

        answer = await group.submit("again")
        await asyncio.sleep(0.1)
        later = await group.submit("later")

    assert (answer, later) == ("AGAIN", "LATER")
    assert shouting.groups == [["begun"], ["again"], ["later"]]
