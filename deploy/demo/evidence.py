"""What can be found out about a run from the outside: from the three APIs, the metrics and Kafka?"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from deploy.city import SERVICES
from deploy.demo.alerts import alerts_after
from deploy.demo.calls import Caller, Json
from deploy.demo.city_api import CityApi
from deploy.demo.event_log import EventLog, Offsets, end_of_log, read_log
from deploy.demo.figures import Figures
from deploy.demo.players import Run
from lamplight_events.cases import CaseEvent, CaseSelfHandled
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import CaseState, Outcome
from notify.audience import AlertKind

QUIET_S = 1.0
"""When the stream of alerts has been silent for so long, all that was missed has come."""
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where Kafka and the stream of alerts stood before a run."""

    offsets: Offsets
    alert_position: int


@dataclass(frozen=True, slots=True)
class CaseStory:
    """A case as its events tell it: their numbers in the order of Kafka, the last state, an outcome on the spot."""

    category: str
    sequences: Sequence[int]
    state: CaseState
    outcome: Outcome | None

    @property
    def is_whole(self) -> bool:
        """Whether no event is missing, doubled or out of its order."""
        return list(self.sequences) == list(range(1, len(self.sequences) + 1))


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is counted at the end.

    Arguments:
        cases: as dispatch lists them.
        statuses: what intake shows the reporter of each report, by report id.
        told: the reports whose reporters were alerted that their case is closed.
        reported: the report ids on `grid.reports`.
        stories: the cases on `grid.cases`, by case id.
        dead_letters: records parked since the run began.
        waiting_events: rows in the outboxes of the three services.
    """

    cases: Sequence[Json]
    statuses: Mapping[str, str]
    told: frozenset[str]
    reported: Sequence[str]
    stories: Mapping[str, CaseStory]
    dead_letters: int
    waiting_events: int


class Detective:
    """Looks from the outside, and knows nothing of what the players count themselves."""

    def __init__(self, api: CityApi, caller: Caller, run: Run, bootstrap_servers: str) -> None:
        self._api = api
        self._caller = caller
        self._run = run
        self._bootstrap_servers = bootstrap_servers

    async def bookmark(self) -> Bookmark:
        """Note where everything stands before the run."""
        return Bookmark(await end_of_log(self._bootstrap_servers), await self._api.newest_alert_position())

    async def gather(self, since: Bookmark) -> Evidence:
        """Ask everybody now; raises CannotRun when somebody does not answer."""
        cases = await self._api.cases_since(self._run.began_at.isoformat())
        log = await read_log(self._bootstrap_servers, since=since.offsets, run_name=self._run.name)
        pages = [await self._api.figures(service) for service in SERVICES]
        return Evidence(
            cases=cases,
            statuses=await self._statuses(report_ids_of(cases)),
            told=await self._told(since.alert_position),
            reported=reported_in(log),
            stories=stories_in(log),
            dead_letters=log.dead_letters,
            waiting_events=waiting_events(pages),
        )

    async def _statuses(self, report_ids: Sequence[str]) -> Mapping[str, str]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def status(report_id: str) -> str:
            async with gate:
                return str((await self._api.report(report_id))["status"])

        found = await asyncio.gather(*(status(report_id) for report_id in report_ids))
        return dict(zip(report_ids, found, strict=True))

    async def _told(self, position: int) -> frozenset[str]:
        told: set[str] = set()
        async with aclosing(alerts_after(self._caller, position)) as stream:
            with suppress(TimeoutError, StopAsyncIteration):
                while True:
                    alert = await asyncio.wait_for(anext(stream), QUIET_S)
                    if alert.kind == AlertKind.CASE_CLOSED:
                        told.add(alert.recipient.removeprefix("report:"))
        return frozenset(told)


def report_ids_of(cases: Iterable[Json]) -> list[str]:
    """The reports that belong to some cases."""
    return [report_id for case in cases for report_id in case["report_ids"]]


def reported_in(log: EventLog) -> Sequence[str]:
    """The reports that intake told of, as often as it did."""
    return [str(m.event.report_id) for m in log.messages if isinstance(m.event, ReportReceived)]


def stories_in(log: EventLog) -> Mapping[str, CaseStory]:
    """The cases that dispatch told of, each with the whole of its story."""
    events: dict[str, list[CaseEvent]] = defaultdict(list)
    for message in log.messages:
        if isinstance(message.event, CaseEvent):
            events[str(message.event.case_id)].append(message.event)
    return {case_id: _story(told) for case_id, told in events.items()}


def waiting_events(pages: Iterable[Figures]) -> int:
    """How many rows stand in the outboxes, those that can never be sent among them."""
    return int(sum(page.total(name) for page in pages for name in ("outbox_rows", "outbox_parked_rows")))


def _story(events: Sequence[CaseEvent]) -> CaseStory:
    return CaseStory(
        category=events[0].category,
        sequences=[event.sequence for event in events],
        state=events[-1].state,
        outcome=next((event.outcome for event in events if isinstance(event, CaseSelfHandled)), None),
    )
