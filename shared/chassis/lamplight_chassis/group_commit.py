"""How do many requests at once share one transaction?

While one transaction is on its way, the requests that arrive form the next one: no added wait when it is quiet, and one
commit for fifty requests when it is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

from lamplight_chassis.errors import Again, Transient
from lamplight_chassis.pace import Pace
from lamplight_chassis.transience import is_transient

log = structlog.get_logger()

Item = TypeVar("Item")
Result = TypeVar("Result")

Execute = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]

MAX_WAITING = 2_000
REST_SHARE = 0.5
LONGEST_REST_S = 0.01
# A caller must hear soon that the database hangs, whose driver gives a statement much longer.
PATIENCE_S = 5.0


class GroupCommit(Generic[Item, Result]):
    """Collects items and hands them to `execute` together.

    `execute` runs one transaction and answers each item with its result or an exception. When it fails as a whole,
    and not because the database is away, the items are run one by one: a bad one never harms its neighbours.
    """

    def __init__(self, execute: Execute[Item, Result], *, limit: int, patience_s: float = PATIENCE_S) -> None:
        self._execute = execute
        """The service's own transaction for many items, such as the one that stores submitted forms."""
        self._limit = limit
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._arrived = asyncio.Event()
        self._stopping = False
        self._patience_s = patience_s
        """How long a transaction may take before those who wait for it, and behind it, are told."""
        self._pace = Pace(share=REST_SHARE, most_s=LONGEST_REST_S)

    async def submit(self, item: Item) -> Result:
        """Wait until the transaction with this item is committed.

        Raises:
            Transient: the queue is full, the service stops, or the database is away; nothing was done.
            TimeoutError: the database hangs, and this may be done or not.
        """
        if self._stopping or len(self._waiting) >= MAX_WAITING:
            raise Transient("too many requests wait for the database")
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        self._arrived.set()
        return await answer

    async def run(self) -> None:
        """Serve until `stop`, and then everything that still waits."""
        while not self._stopping or self._waiting:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                self._pace.begin()
                taken, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
                await self._serve(taken)
                await self._pace.rest()

    def stop(self) -> None:
        """Take nothing more; `run` ends when the queue is empty."""
        self._stopping = True
        self._arrived.set()

    async def _serve(self, taken: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        self._wait_for(taken)
        try:
            results = await self._together_or_alone([item for item, _ in taken])
        finally:
            self._alarm.cancel()
        for (_, answer), result in zip(taken, results, strict=True):
            with suppress(asyncio.InvalidStateError):  # the client went away and its request was cancelled
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)

    def _wait_for(self, taken: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        """One alarm for the whole transaction: one for each request would cost every one of them."""
        self._alarm = asyncio.get_running_loop().call_later(self._patience_s, self._give_up, taken)

    def _give_up(self, taken: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        """Answer everybody; what has not begun never will, and the transaction goes on to whichever end."""
        behind, self._waiting = self._waiting, []
        log.warning("group_commit.hangs", items=len(taken), behind=len(behind))
        _fail(taken, TimeoutError("the database does not answer"))
        _fail(behind, Transient("the database does not answer; nothing was done"))
        self._wait_for(taken)

    async def _together_or_alone(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return await self._execute(items)
        except Exception as error:
            if is_transient(error):
                return [error] * len(items)
            log.warning("group_commit.split", items=len(items), error=repr(error))
        return [await self._alone(item) for item in items]

    async def _alone(self, item: Item) -> Result | Exception:
        try:
            return (await self._execute([item]))[0]
        except Again:
            return await self._alone(item)
        except Exception as error:
            return error


def _fail(items: Sequence[tuple[Item, asyncio.Future[Result]]], error: Exception) -> None:
    for _, answer in items:
        if not answer.done():
            answer.set_exception(error)
