"""What does an app see that listens to the alert stream and connects anew whenever it is cut off?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle

import aiohttp

PAUSE_S = 0.1
SILENCE_S = 20.0


class Listener:
    """Follows the stream through any instance, always from the last event that it saw whole."""

    def __init__(self, session: aiohttp.ClientSession, urls: Sequence[str]) -> None:
        self._session = session
        self._urls = urls
        self.positions: list[int] = []
        self.connections = 0

    @property
    def last(self) -> int:
        """The position of the last event that was seen whole, 0 before the first."""
        return self.positions[-1] if self.positions else 0

    async def run(self) -> None:
        """Listen until cancelled."""
        for url in cycle(self._urls):
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                await self._listen(f"{url}/v1/stream")
            await asyncio.sleep(PAUSE_S)

    async def _listen(self, url: str) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=2.0, sock_read=SILENCE_S)
        async with self._session.get(url, headers={"Last-Event-ID": str(self.last)}, timeout=timeout) as answer:
            answer.raise_for_status()
            self.connections += 1
            position: int | None = None
            async for line in answer.content:
                if line.startswith(b"id:"):
                    position = int(line[3:])
                elif not line.strip() and position is not None:
                    self.positions.append(position)
                    position = None
