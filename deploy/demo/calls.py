"""How does the demo call a service that may be away for a moment, or not as far yet?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from deploy.local.failure import CannotRun

PATIENCE_S = 60.0
"""How long a service may be away or behind before the demo gives up."""
PAUSE_S = 0.1
TIMEOUT = aiohttp.ClientTimeout(total=10.0)

GOOD = frozenset({200, 202})
NO_ANSWER = 0
NOT_YET = frozenset({NO_ANSWER, 404, 409, 503})
"""Away, not there yet, not in that state yet, or not able to right now: worth another try."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Arguments:
        name: names the request in all that comes of it (X-Correlation-Id), and makes sending it again harmless
            (Idempotency-Key); empty for a call that only looks.
    """

    method: str
    service: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        return {"X-Correlation-Id": self.name, "Idempotency-Key": self.name} if self.name else {}


class Caller:
    """The services' addresses by name, and one pool of connections to them all."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Mapping[str, str]) -> None:
        self.session = session
        self.addresses = addresses

    async def insist(self, call: Call) -> Json:
        """The answer, as soon as it is good.

        Raises:
            CannotRun: the service refuses, or was not able to for a minute.
        """
        clock = asyncio.get_running_loop()
        deadline_s = clock.time() + PATIENCE_S
        while True:
            status, content = await self._ask(call)
            if status in GOOD:
                return content
            if status not in NOT_YET or clock.time() > deadline_s:
                raise CannotRun(_sentence(call, status, content))
            await asyncio.sleep(PAUSE_S)

    async def text(self, service: str, path: str) -> str | None:
        """A page as it stands now; None when it does not come, or not as a good one."""
        try:
            async with self.session.get(f"{self.addresses[service]}{path}", timeout=TIMEOUT) as answer:
                return await answer.text() if answer.status in GOOD else None
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def _ask(self, call: Call) -> tuple[int, Json]:
        request = self.session.request(
            call.method,
            f"{self.addresses[call.service]}{call.path}",
            json=call.body,
            params=call.query,
            headers=call.headers,
            timeout=TIMEOUT,
        )
        try:
            async with request as answer:
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return NO_ANSWER, {"detail": str(error) or type(error).__name__}


def _sentence(call: Call, status: int, content: Json) -> str:
    said = content.get("detail") or content.get("title") or content
    answer = f"answered {status}" if status else "did not answer"
    return f"{call.service} {answer} to {call.method} {call.path}: {said}. Its log may say more."
