"""What do the services show of themselves while the demo runs?"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deploy.city import SERVICES
from deploy.demo.calls import Json
from deploy.demo.city_api import CityApi
from deploy.demo.figures import Figures
from deploy.demo.scene import Dot, Rates, Seen
from deploy.demo.stage import Stage
from deploy.local.failure import CannotRun
from lamplight_events.vocabulary import CaseState, Outcome

LOOK_EVERY_S = 1.0
RATE_LOOKS = 4
"""Throughput is shown over the last so many looks."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The counters behind the throughput, at one second of a steady clock."""

    at_s: float
    reports: float
    events: float


class Lookout:
    """Asks the services once a second, and writes on the stage what they answer."""

    def __init__(self, api: CityApi, stage: Stage, *, reported_from: str) -> None:
        self._api = api
        self._stage = stage
        self._reported_from = reported_from
        self._totals: deque[Totals] = deque(maxlen=RATE_LOOKS)

    async def watch(self) -> None:
        """Look until cancelled; a service that is away is shown as that, with the last known cases."""
        while True:
            self._stage.seen = await self._look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> Seen:
        pages = await asyncio.gather(*(self._api.figures(service) for service in SERVICES))
        answers = await asyncio.gather(*(self._api.is_ready(service) for service in SERVICES))
        ready = dict(zip(SERVICES, answers, strict=True))
        figures = dict(zip(SERVICES, pages, strict=True))
        if all(ready.values()):
            self._totals.append(totals(figures, at_s=time.monotonic()))
        return Seen(rates(self._totals), outcomes(figures["intake"]), ready, await self._dots(ready))

    async def _dots(self, ready: Mapping[str, bool]) -> Sequence[Dot]:
        if not ready["dispatch"]:
            return self._stage.seen.dots
        try:
            return dots(await self._api.cases_since(self._reported_from))
        except CannotRun:
            return self._stage.seen.dots


def totals(figures: Mapping[str, Figures], *, at_s: float) -> Totals:
    """Reports that intake took, and events of all services that Kafka acknowledged."""
    events = sum(page.total("outbox_published_total") for page in figures.values())
    return Totals(at_s, figures["intake"].total("grid_reports_total"), events)


def rates(looks: Sequence[Totals]) -> Rates:
    """The throughput between the first and the last of some looks."""
    if len(looks) < 2 or looks[-1].at_s <= looks[0].at_s:
        return Rates()
    first, last = looks[0], looks[-1]
    seconds = last.at_s - first.at_s
    return Rates((last.reports - first.reports) / seconds, (last.events - first.events) / seconds)


def outcomes(intake: Figures) -> Mapping[Outcome, int]:
    """What patrols reached on the spot, by intake's own count."""
    return {outcome: int(intake.total("grid_patrol_sightings_total", outcome=outcome)) for outcome in Outcome}


def dots(cases: Iterable[Json]) -> Sequence[Dot]:
    """Cases as dispatch lists them, as dots on a map."""
    return tuple(
        Dot(
            case_id=case["case_id"],
            longitude_deg=case["longitude_deg"],
            latitude_deg=case["latitude_deg"],
            state=CaseState(case["state"]),
            category=case["category"],
            zone=case["zone"],
        )
        for case in cases
    )
