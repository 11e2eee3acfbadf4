"""How is everything that can be seen of a run put together?"""

from __future__ import annotations

from collections.abc import Sequence

from deploy.city import City
from tests.chaos.books import (
    outbox_rows,
    read_alerts,
    read_cases,
    read_deliveries,
    read_history,
    read_reports,
    read_statuses,
    subscription_ids,
)
from tests.chaos.evidence import Evidence
from tests.chaos.listener import Listener
from tests.chaos.receiver import Receiver
from tests.chaos.reporters import Reporters
from tests.chaos.tapes import read_lag, read_tapes
from tests.chaos.workers import Workers


async def look_at_everything(
    city: City, reporters: Reporters, workers: Workers, receiver: Receiver, listeners: Sequence[Listener]
) -> Evidence:
    """Read all databases and topics, and ask everybody outside what they saw."""
    tapes = await read_tapes(city.stack.bootstrap_servers)
    return Evidence(
        sent_reports=reporters.sent,
        carried_orders=tuple(workers.carried),
        refusals=(*reporters.refusals, *workers.refusals),
        reports=await read_reports(city),
        cases=await read_cases(city),
        history=await read_history(city),
        statuses=await read_statuses(city),
        report_records=tapes.reports,
        case_records=tapes.cases,
        alert_records=tapes.alerts,
        dead_letters=tapes.dead_letters,
        alerts=await read_alerts(city),
        deliveries=await read_deliveries(city),
        subscription_ids=await subscription_ids(city),
        receipts=tuple(receiver.receipts),
        streams=tuple(tuple(listener.positions) for listener in listeners),
        outbox_rows=await outbox_rows(city),
        lag=await read_lag(city.stack.bootstrap_servers),
    )
