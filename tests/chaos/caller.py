"""How does a client get an answer out of a service that may be killed at any moment?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

TRY_TIMEOUT_S = 6.0
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
UNAVAILABLE = range(500, 600)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered in the end."""

    status: int
    body: Any


class Caller:
    """Calls one service through any of its instances, with the same key until one of them answers.

    `longest_silence_s` is the longest time in which calls were waiting and none of them was answered.
    """

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str], *, dice: random.Random) -> None:
        self._session = session
        self._urls = urls
        self._dice = dice
        self._waiting = 0
        self._quiet_since_s = 0.0
        self.longest_silence_s = 0.0
        self.tries = 0

    async def post(self, path: str, body: object, *, key: str, until_s: float) -> Reply | None:
        """The answer to an order; None when there was none until `until_s` of the monotonic clock."""
        return await self._call("POST", path, body, {"Idempotency-Key": key}, until_s)

    async def get(self, path: str, *, until_s: float) -> Reply | None:
        """The answer to a question; None when there was none until `until_s` of the monotonic clock."""
        return await self._call("GET", path, None, {}, until_s)

    async def _call(
        self, method: str, path: str, body: object, headers: dict[str, str], until_s: float
    ) -> Reply | None:
        self._begin()
        pause_s = FIRST_PAUSE_S
        try:
            while time.monotonic() < until_s:
                reply = await self._try(method, path, body, headers)
                if reply is not None and reply.status not in UNAVAILABLE:
                    self._note_answer()
                    return reply
                await asyncio.sleep(pause_s * self._dice.uniform(0.5, 1.0))
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            return None
        finally:
            self._waiting -= 1

    async def _try(self, method: str, path: str, body: object, headers: dict[str, str]) -> Reply | None:
        self.tries += 1
        url = self._dice.choice(self._urls) + path
        try:
            async with self._session.request(
                method, url, json=body, headers=headers, timeout=aiohttp.ClientTimeout(total=TRY_TIMEOUT_S)
            ) as answer:
                return Reply(answer.status, await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return None

    def _begin(self) -> None:
        if self._waiting == 0:
            self._quiet_since_s = time.monotonic()
        self._waiting += 1

    def _note_answer(self) -> None:
        now_s = time.monotonic()
        self.longest_silence_s = max(self.longest_silence_s, now_s - self._quiet_since_s)
        self._quiet_since_s = now_s
