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


class GroupCommit(Generic[Item, Result]):
    """Collects items and hands them to `execute` together.

    `execute` runs one transaction and answers each item with its result or an exception. When it fails as a whole,
    and not because the database is away, the items are run one by one: a bad one never harms its neighbours.
    """

    def __init__(self, execute: Execute[Item, Result], *, limit: int) -> None:
        self._execute = execute
        self._limit = limit
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._arrived = asyncio.Event()
        self._stopping = False
        self._pace = Pace(share=REST_SHARE, most_s=LONGEST_REST_S)

    async def submit(self, item: Item) -> Result:
        """Wait until the transaction with this item is committed.

        Raises:
            Transient: the queue is full, the service stops, or the database is away.
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
        results = await self._together_or_alone([item for item, _ in taken])
        for (_, answer), result in zip(taken, results, strict=True):
            with suppress(asyncio.InvalidStateError):  # the client went away and its request was cancelled
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)

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
