"""How is dispatch put together?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import FastAPI

from dispatch.handlers import report_handler
from dispatch.metrics import DispatchMetrics
from dispatch.orders import FORMS, Order, carry_out
from dispatch.routes import case_routes, order_routes, search_routes
from dispatch.routing import RoutingTable
from dispatch.settings import Settings
from dispatch.store import CaseBook, count_open_cases
from lamplight_chassis.clock import Clock, NewId, new_id, utc_now
from lamplight_chassis.decoding import contract_decoder
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer
from lamplight_chassis.service import Service, add_routes, new_api
from lamplight_events.messages import read_message
from lamplight_events.topics import DEAD_LETTERS, REPORTS

NAME = "dispatch"
MIGRATIONS = Path(__file__).parent / "migrations"
RIGHTS = Path(__file__).parent / "data" / "rights.csv"
GROUP_LIMIT = 200
COUNT_EVERY_S = 5.0


def create_app(settings: Settings, *, now: Clock = utc_now, make_id: NewId = new_id) -> FastAPI:
    """Wire one instance of dispatch; nothing is connected before the app starts."""
    service = Service(
        name=NAME, settings=settings, migrations=MIGRATIONS, dead_letter_topic=DEAD_LETTERS.name, new_id=make_id
    )
    metrics = DispatchMetrics(service.metrics.registry)
    open_book = partial(CaseBook, new_id=make_id, metrics=metrics)
    orders: GroupCommit[Order, Answer] = GroupCommit(partial(carry_out, service.database, open_book), limit=GROUP_LIMIT)
    service.add_group(orders)
    service.consume(
        REPORTS.name,
        decode=contract_decoder(read_message, now=now),
        apply=report_handler(RoutingTable.load(), open_book, now=now, new_id=make_id),
    )

    async def show_open_cases() -> None:
        metrics.show_open_cases(await count_open_cases(service.database))

    service.add_chore(show_open_cases, every_s=COUNT_EVERY_S)
    app = new_api(title="Lamplight dispatch", description="Cases, who has them, and what happened.", version="1")
    add_routes(app, search_routes(service.database))
    add_routes(app, case_routes(service.database))
    add_routes(app, order_routes(orders, now=now))
    return service.build_app(app, forms=FORMS, rights=service.read_rights(RIGHTS, now=now))
