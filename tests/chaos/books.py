"""What stands in the databases of the three services?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from deploy.city import SERVICES, City
from tests.chaos.evidence import AlertRow, CaseRow, DeliveryRow, HistoryRow, ReportRow, StatusRow
from tests.chaos.report_bodies import key_in


async def rows_of(city: City, service: str, query: str) -> Sequence[Any]:
    """The rows of one query in one service's database."""
    connection = await asyncpg.connect(city.stack.database_url(service), timeout=10)
    try:
        return list(await connection.fetch(query, timeout=120))
    finally:
        await connection.close()


async def read_reports(city: City) -> tuple[ReportRow, ...]:
    rows = await rows_of(city, "intake", "SELECT id, case_id, description FROM reports")
    return tuple(ReportRow(row["id"], row["case_id"], key_in(row["description"])) for row in rows)


async def read_statuses(city: City) -> tuple[StatusRow, ...]:
    rows = await rows_of(city, "intake", "SELECT case_id, state, sequence FROM case_status")
    return tuple(StatusRow(*row) for row in rows)


async def read_cases(city: City) -> tuple[CaseRow, ...]:
    rows = await rows_of(city, "dispatch", "SELECT id, state, sequence, report_ids FROM cases")
    return tuple(CaseRow(row["id"], row["state"], row["sequence"], tuple(row["report_ids"])) for row in rows)


async def read_history(city: City) -> tuple[HistoryRow, ...]:
    columns = "case_id, sequence, operation, state_after, event_id"
    return tuple(HistoryRow(*row) for row in await rows_of(city, "dispatch", f"SELECT {columns} FROM case_history"))


async def read_alerts(city: City) -> tuple[AlertRow, ...]:
    rows = await rows_of(city, "notify", "SELECT id, position, event_id, recipient FROM alerts ORDER BY position")
    return tuple(AlertRow(*row) for row in rows)


async def read_deliveries(city: City) -> tuple[DeliveryRow, ...]:
    query = (
        "SELECT d.id, d.alert_id, d.subscription_id, s.channel, d.state "
        "FROM deliveries d JOIN subscriptions s ON s.id = d.subscription_id"
    )
    return tuple(DeliveryRow(*row) for row in await rows_of(city, "notify", query))


async def subscription_ids(city: City) -> tuple[Any, ...]:
    return tuple(row["id"] for row in await rows_of(city, "notify", "SELECT id FROM subscriptions"))


async def outbox_rows(city: City) -> dict[str, int]:
    """How many events wait in each service's outbox."""
    query = "SELECT count(*) FROM outbox"
    return {service: (await rows_of(city, service, query))[0][0] for service in SERVICES}


async def pending_deliveries(city: City) -> int:
    """How many deliveries are not over."""
    return int((await rows_of(city, "notify", "SELECT count(*) FROM deliveries WHERE state = 'pending'"))[0][0])


async def last_position(city: City) -> int:
    """The newest alert's position, 0 when there is none."""
    return int((await rows_of(city, "notify", "SELECT coalesce(max(position), 0) FROM alerts"))[0][0])
