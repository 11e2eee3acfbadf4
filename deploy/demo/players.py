"""Who plays an act: patrols and residents who report, units that work, a command centre that closes?"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from deploy.demo.city_api import CityApi
from deploy.demo.errands import Errand, errands_for, order_body
from deploy.demo.pacing import Act, ActName, Timed, as_of_now
from deploy.demo.stage import Stage
from deploy.local.failure import CannotRun


@dataclass(frozen=True, slots=True)
class Run:
    """One performance, which counts nothing but what it made itself."""

    id: UUID
    began_at: datetime

    @property
    def name(self) -> str:
        """How every correlation id of this run begins."""
        return f"demo-{self.id.hex[:12]}-"


class Players:
    """They act against the services' APIs alone, and draw what they do from a seed."""

    def __init__(self, api: CityApi, stage: Stage, run: Run, *, seed: int) -> None:
        self._api = api
        self._stage = stage
        self._run = run
        self._dice = random.Random(seed)

    async def play(self, act: Act) -> None:
        """Play one act to its end; raises CannotRun when a service is away for too long."""
        plan = [(timed, self._errands(timed, act)) for timed in act.reports]
        self._stage.begin(act.name, orders=sum(len(errands) for _, errands in plan))
        began_s = time.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                for number, (timed, errands) in enumerate(plan):
                    await asyncio.sleep(began_s + timed.after_s - time.monotonic())
                    group.create_task(self._see_through(act.name, number, timed, errands))
        except ExceptionGroup as failures:
            raise _first(failures) from failures
        self._stage.begin(None)

    def _errands(self, timed: Timed, act: Act) -> Sequence[Errand]:
        return errands_for(timed.body["outcome"], act=act.name, length_s=act.length_s, dice=self._dice)

    async def _see_through(self, act: ActName, number: int, timed: Timed, errands: Sequence[Errand]) -> None:
        name = f"{self._run.name}{act}-{number}"
        body = as_of_now(timed.body, run_id=self._run.id, now=datetime.now(UTC))
        sent_s = time.monotonic()
        case_id = (await self._api.submit_report(body, name=name))["case_id"]
        self._stage.report_sent(act, case_id, sent_s)
        for errand in errands:
            await asyncio.sleep(errand.after_s)
            unit_id = (await self._api.await_case(case_id))["unit_id"]
            body_of_order = order_body(errand.order, unit_id=unit_id)
            await self._api.give_order(case_id, errand.order, body_of_order, name=f"{name}-{errand.order}")
            self._stage.order_given()


def _first(failures: ExceptionGroup[Exception]) -> Exception:
    """The sentence for the user, if one is among them."""
    return next((error for error in failures.exceptions if isinstance(error, CannotRun)), failures.exceptions[0])
