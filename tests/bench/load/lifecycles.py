"""What does a user do, over and over: tell, wait for the assignment, accept, resolve, close, search?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from lamplight_chassis.clock import new_id
from tests.bench.load.connection import Address, Connection
from tests.bench.load.patience import Patience
from tests.bench.load.window import Counted, Tally, count_window

LIFECYCLE = "lifecycle"
ASSIGNED = "until assigned"
LOOK = "look"
CALLS = CREATE, ACCEPT, RESOLVE, CLOSE, SEARCH = ("create", "accept", "resolve", "close", "search")
ASSIGNED_WITHIN_S = 10.0

ORDERS: Mapping[str, bytes] = {
    ACCEPT: b'{"actor":"bench"}',
    RESOLVE: b'{"actor":"bench","opinion":"done on the spot"}',
    CLOSE: b'{"actor":"bench","closing_condition":"cleared","opinion":"seen"}',
}


@dataclass(frozen=True, slots=True)
class LifecyclePlan:
    """So many users, each with a connection to intake and one to dispatch, without a pause between their calls.

    Arguments:
        bodies: the reports they send.
        searches: the paths they search with.
        pids: the processes whose CPU time is taken.
    """

    intake_url: str
    dispatch_url: str
    users: int
    warm_up_s: float
    measure_s: float
    bodies: Sequence[bytes]
    searches: Sequence[str]
    pids: Mapping[str, int]


async def run_lifecycles(plan: LifecyclePlan) -> Counted:
    """Run the plan to its end; the done things are lifecycles."""
    tally, patience = Tally(), Patience()
    users = [await User.arrive(plan, tally, patience, number) for number in range(plan.users)]
    return await count_window(
        [user.work() for user in users],
        tally,
        warm_up_s=plan.warm_up_s,
        measure_s=plan.measure_s,
        pids=plan.pids,
    )


class User:
    """One user of the city."""

    def __init__(
        self,
        plan: LifecyclePlan,
        tally: Tally,
        patience: Patience,
        seed: int,
        *,
        intake: Connection,
        dispatch: Connection,
    ) -> None:
        self._plan = plan
        self._tally = tally
        self._patience = patience
        self._draw = random.Random(seed)
        self._intake, self._to_intake = intake, Address(plan.intake_url)
        self._dispatch, self._to_dispatch = dispatch, Address(plan.dispatch_url)
        self._searches = [self._to_dispatch.get(path) for path in plan.searches]

    @classmethod
    async def arrive(cls, plan: LifecyclePlan, tally: Tally, patience: Patience, seed: int) -> User:
        """Connect to both services."""
        intake = await Connection.open(Address(plan.intake_url))
        dispatch = await Connection.open(Address(plan.dispatch_url))
        return cls(plan, tally, patience, seed, intake=intake, dispatch=dispatch)

    async def work(self) -> None:
        """Live through cases until cancelled."""
        while True:
            if await self._one_case():
                self._tally.finish(LIFECYCLE)

    async def _one_case(self) -> bool:
        case_id = await self._create()
        if case_id is None or not await self._is_assigned(case_id):
            return False
        for order in ORDERS:
            if not await self._order(case_id, order):
                return False
        reply = await self._tally.ask(self._dispatch, SEARCH, self._draw.choice(self._searches))
        if reply.status != 200:
            self._tally.fail(SEARCH, reply)
        return reply.status == 200

    async def _create(self) -> str | None:
        body = self._draw.choice(self._plan.bodies)
        request = self._to_intake.post("/v1/reports", body, {"Idempotency-Key": str(new_id())})
        reply = await self._tally.ask(self._intake, CREATE, request)
        if reply.status != 202:
            self._tally.fail(CREATE, reply)
            await asyncio.sleep(0.1)
            return None
        return str(orjson.loads(reply.body)["case_id"])

    async def _is_assigned(self, case_id: str) -> bool:
        request = self._to_dispatch.get(f"/v1/cases/{case_id}")
        began_s = time.perf_counter()
        pause_s = self._patience.first_look_s
        looks = 0
        while time.perf_counter() < began_s + ASSIGNED_WITHIN_S:
            await asyncio.sleep(pause_s)
            looks += 1
            waited_s = time.perf_counter() - began_s
            reply = await self._tally.ask(self._dispatch, LOOK, request)
            if reply.status == 200 and b'"state":"dispatched"' in reply.body:
                self._tally.note(ASSIGNED, waited_s)
                self._patience.learn(looks=looks, waited_s=waited_s)
                return True
            pause_s = self._patience.next_look_s
        self._tally.fail(LOOK, reply)
        return False

    async def _order(self, case_id: str, order: str) -> bool:
        request = self._to_dispatch.post(
            f"/v1/cases/{case_id}/{order}", ORDERS[order], {"Idempotency-Key": f"{order}-{case_id}"}
        )
        reply = await self._tally.ask(self._dispatch, order, request)
        if reply.status != 200:
            self._tally.fail(order, reply)
        return reply.status == 200
