"""Who decodes photos for intake? A few worker processes, started when they are needed and sent home when they are not.

Not the standard library's process pool: its workers would load all of intake again, a worker that a crafted photo
killed would break the whole pool, and one that hangs could not be ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from intake.evidence.frames import LENGTH_BYTES, read_answer, write_frame
from intake.evidence.photos import Developed, PhotoFormat, PhotoLimits, check_photo
from lamplight_chassis.errors import Rejected, Transient

log = structlog.get_logger()

COMMAND = (sys.executable, "-P", "-m", "intake.evidence.worker")
INHERITED = ("PATH", "PYTHONPATH", "LANG", "TZDIR")
"""No more of the environment: the keys and addresses in it are no affair of a process that reads strangers' bytes."""

MAX_WAITING = 32
"""Each holds up to 10 MB while it waits."""

TRIES = 2

Answer = tuple[dict[str, Any], list[bytes]]

_ENDED = (asyncio.IncompleteReadError, ConnectionError)


@dataclass(eq=False, slots=True)
class _Worker:
    process: asyncio.subprocess.Process
    idle_since_s: float = field(default=0.0)


class Darkroom:
    """Develops photos, at most `workers` at the same time; `run` is its background task.

    Arguments:
        zone: the time zone of cameras that do not name theirs.
        timeout_s: a photo that takes longer is given up; the machine is overloaded then, for the worker ends by itself
            when a photo costs it 20 s of processor time.
    """

    def __init__(
        self,
        *,
        limits: PhotoLimits,
        zone: str = "Asia/Shanghai",
        workers: int = 2,
        timeout_s: float = 60.0,
        idle_s: float = 60.0,
    ) -> None:
        self.limits = limits
        self._zone = zone
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._places = asyncio.Semaphore(workers)
        self._waiting = 0
        self._idle: list[_Worker] = []

    async def develop(self, data: bytes, *, sha256: str) -> Developed:
        """Read a photo and make its copies.

        Arguments:
            sha256: the name of the bytes, which a worker is not trusted to give.

        Raises:
            Rejected: the bytes are no photo that intake takes.
            Transient: too many photos wait, or the machine is too busy.
        """
        photo_format = check_photo(data, self.limits)
        if self._waiting >= MAX_WAITING:
            raise Transient("too many photos wait to be decoded")
        self._waiting += 1
        try:
            async with self._places:
                found, parts = await self._ask_worker(data, photo_format)
        finally:
            self._waiting -= 1
        return read_answer(found, parts, sha256=sha256, size_bytes=len(data))

    async def run(self) -> None:
        """Send workers home that were idle for long, and at the end all of them."""
        try:
            while True:
                await asyncio.sleep(self._idle_s / 2)
                before_s = time.monotonic() - self._idle_s
                await self._send_home([worker for worker in self._idle if worker.idle_since_s < before_s])
        finally:
            await self.close()

    async def close(self) -> None:
        """Send everybody home who has nothing to do."""
        await self._send_home(list(self._idle))

    async def _ask_worker(self, data: bytes, photo_format: PhotoFormat) -> Answer:
        header = {"format": photo_format, "max_pixels": self.limits.max_pixels, "zone": self._zone}
        frame = write_frame(header, (data,))
        for _ in range(TRIES):
            worker = self._idle.pop() if self._idle else await _start_worker()
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await _ask(worker.process, frame)
            except _ENDED:
                log.warning("evidence.worker_ended", exit_code=await worker.process.wait())
            except TimeoutError as error:
                raise Transient("a photo could not be decoded in time") from error
            else:
                worker.idle_since_s = time.monotonic()
                self._idle.append(worker)
                return answer
            finally:
                if worker not in self._idle:
                    await _end(worker.process)
        raise Rejected("photo_unreadable", f"photo: cannot be decoded as {photo_format}, it breaks the decoder")

    async def _send_home(self, workers: list[_Worker]) -> None:
        self._idle = [worker for worker in self._idle if worker not in workers]
        for worker in workers:
            await _end(worker.process)


async def _start_worker() -> _Worker:
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*COMMAND, stdin=pipe, stdout=pipe, stderr=nowhere, env=environment)
    return _Worker(process)


async def _ask(process: asyncio.subprocess.Process, frame: bytes) -> Answer:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(frame)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
    header: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
    return header, [await process.stdout.readexactly(size) for size in header["sizes"]]


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
