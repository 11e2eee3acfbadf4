"""Who handles the cases while everything is being killed, and which orders were they told are done?"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from uuid import UUID

from tests.chaos.caller import Caller, Reply
from tests.chaos.evidence import CarriedOrder, Refusal

DONE = 200
TOO_LATE = 409
LOOK_EVERY_S = 0.3
PATIENCE_S = 120.0
LEFT_ALONE = 0.1
CONTESTED = 0.1
REPEATED = 0.05

ORDERS_FROM: dict[str, tuple[str, ...]] = {
    "dispatched": ("accept", "resolve", "close"),
    "handling": ("resolve", "close"),
    "checking": ("close",),
    "self_handled": ("close",),
}
BODIES: dict[str, dict[str, str]] = {
    "accept": {"actor": "worker"},
    "resolve": {"actor": "worker", "opinion": "done"},
    "close": {"actor": "checker", "closing_condition": "cleared", "opinion": "seen"},
}


@dataclass(frozen=True, slots=True)
class Given:
    """An order that was answered, and how."""

    key: str
    status: int


class Workers:
    """Takes cases to their end, each order with a key of its own; some cases are contested, some left alone."""

    def __init__(self, caller: Caller, *, seed: int, count: int, opened: asyncio.Queue[UUID]) -> None:
        self._caller = caller
        self._dice = random.Random(f"workers {seed}")
        self._count = count
        self._opened = opened
        self._orders = 0
        self.carried: list[CarriedOrder] = []
        self.refusals: list[Refusal] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, and end what was begun."""
        await asyncio.gather(*(self._work(stop) for _ in range(self._count)))

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                case_id = await asyncio.wait_for(self._opened.get(), LOOK_EVERY_S)
            except TimeoutError:
                continue
            if self._dice.random() >= LEFT_ALONE:
                await self._take_to_its_end(case_id)

    async def _take_to_its_end(self, case_id: UUID) -> None:
        state = await self._wait_for_case(case_id)
        for operation in ORDERS_FROM.get(state, ()):
            if not await self._order(case_id, operation):
                return

    async def _wait_for_case(self, case_id: UUID) -> str:
        until_s = time.monotonic() + PATIENCE_S
        while reply := await self._caller.get(f"/v1/cases/{case_id}", until_s=until_s):
            if reply.status == DONE:
                return str(reply.body["state"])
            await asyncio.sleep(LOOK_EVERY_S)
        return ""

    async def _order(self, case_id: UUID, operation: str) -> bool:
        """Give an order, now and then together with a rival; whether it is done."""
        rivals = 2 if self._dice.random() < CONTESTED else 1
        orders = [self._order_once(case_id, operation) for _ in range(rivals)]
        answered = [given for given in await asyncio.gather(*orders) if given is not None]
        is_done = any(given.status == DONE for given in answered)
        # Whoever was not answered may have been served all the same.
        fair = (DONE, TOO_LATE) if is_done or len(answered) < rivals else (DONE,)
        self.refusals += [Refusal(given.key, given.status) for given in answered if given.status not in fair]
        return is_done

    async def _order_once(self, case_id: UUID, operation: str) -> Given | None:
        """Send an order, now and then twice under its key; how it was answered, None when it was not."""
        self._orders += 1
        key = f"order-{self._orders}"
        times = 2 if self._dice.random() < REPEATED else 1
        replies = [reply for _ in range(times) if (reply := await self._send(case_id, operation, key))]
        done = {reply.body["sequence"] for reply in replies if reply.status == DONE}
        self.carried += [CarriedOrder(key, case_id, operation, sequence) for sequence in done]
        return next((Given(key, reply.status) for reply in replies), None)

    async def _send(self, case_id: UUID, operation: str, key: str) -> Reply | None:
        path = f"/v1/cases/{case_id}/{operation}"
        return await self._caller.post(path, BODIES[operation], key=key, until_s=time.monotonic() + PATIENCE_S)
