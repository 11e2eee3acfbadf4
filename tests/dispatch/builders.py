"""How does a test make cases in any state?"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from uuid import UUID

from prometheus_client import CollectorRegistry

from dispatch.cases import Case, Step, accept_case, close_case, open_case, resolve_case
from dispatch.metrics import DispatchMetrics
from dispatch.routing import RoutingTable
from dispatch.store import CaseBook
from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from lamplight_events.envelope import Cause
from lamplight_events.reports import ReportReceived
from lamplight_events.vocabulary import CaseState
from tests.builders import CORRELATION, NOW, a_report_received

ROUTING = RoutingTable.load()


def steps_to(state: CaseState, report: ReportReceived | None = None) -> Sequence[Step]:
    """Every step of a dispatched case's life until it is in a state."""
    steps = list(open_case(report or a_report_received(), routing=ROUTING, assignment_id=new_id(), at=NOW))
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


async def store_case(database: Database, steps: Sequence[Step]) -> UUID:
    """Write a case with its history and its events; answers its id."""
    async with database.transaction() as work:
        book = CaseBook(work, new_id=new_id, metrics=DispatchMetrics(CollectorRegistry()))
        await book.load([steps[0].case.id])
        book.note_steps(steps, cause=Cause(CORRELATION))
        await book.save()
    return steps[-1].case.id
