"""How does a test make cases, and an app of dispatch on a database of its own?"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from prometheus_client import CollectorRegistry

from dispatch.app import create_app
from dispatch.cases import Case, Step, accept_case, close_case, open_case, resolve_case
from dispatch.metrics import DispatchMetrics
from dispatch.routing import RoutingTable
from dispatch.settings import Settings
from dispatch.store import CaseBook
from lamplight_chassis.clock import Clock, new_id
from lamplight_chassis.database import Database, open_database
from lamplight_chassis.settings import ServiceSettings
from lamplight_events.envelope import Cause
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import CaseState
from tests.asgi import Api, running
from tests.builders import CORRELATION, NOW, a_report_received

ROUTING = RoutingTable.load()
NOWHERE = "127.0.0.1:1"
"""An address where no Kafka is: what a service tells stays in its outbox."""


def steps_to(state: CaseState, report: ReportReceived | None = None) -> Sequence[Step]:
    """Every step of a dispatched case's life until it is in a state."""
    steps = list(open_case(report or a_report_received(), routing=ROUTING, assignment_id=new_id()))
    further: Sequence[Callable[[Case], Step]] = (
        lambda case: accept_case(case, actor="squadron", at=NOW),
        lambda case: resolve_case(case, actor="squadron", at=NOW, opinion="done"),
        lambda case: close_case(case, actor="rule", at=NOW, closing_condition="cleared", opinion=""),
    )
    for move in further:
        if steps[-1].case.state is state:
            break
        steps.append(move(steps[-1].case))
    taken = list(itertools.takewhile(lambda step: step.case.state is not state, steps))
    return steps[: len(taken) + 1]


@asynccontextmanager
async def a_database(url: str) -> AsyncIterator[Database]:
    database = open_database(ServiceSettings(database_url=url), application_name="test", on_events=lambda: None)
    yield database
    await database.close()


async def store_case(database: Database, steps: Sequence[Step]) -> UUID:
    """Write a case with its history and its events; answers its id."""
    async with database.transaction() as work:
        book = CaseBook(work, new_id=new_id, metrics=DispatchMetrics(CollectorRegistry()))
        book.make(steps, cause=Cause(CORRELATION))
        await book.save()
    return steps[-1].case.id


@asynccontextmanager
async def an_app(url: str, *, now: Clock = lambda: NOW, instance: str = "1") -> AsyncIterator[Api]:
    """A running instance of dispatch without a Kafka."""
    settings = Settings(database_url=url, kafka_bootstrap_servers=NOWHERE, instance_id=instance)
    async with running(create_app(settings, now=now)) as api:
        yield api


async def fetch(url: str, query: str, *values: object) -> list[dict[str, Any]]:
    """The rows of one statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()
