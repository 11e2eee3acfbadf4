"""How is notify put together?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from lamplight_chassis.clock import Clock, NewId, new_id, utc_now
from lamplight_chassis.decoding import all_types_but, contract_decoder
from lamplight_chassis.group_commit import GroupCommit
from lamplight_chassis.idempotency import Answer
from lamplight_chassis.service import Service, add_routes, new_api
from lamplight_events.messages import read_message
from lamplight_events.topics import CASES, DEAD_LETTERS
from notify.alerts import Alert
from notify.audience import RULES
from notify.channels.log import LogChannel
from notify.channels.webhook import WebhookChannel
from notify.deliveries import Ending, claim_due, settle
from notify.delivery import Channel, Courier
from notify.handlers import case_handler
from notify.metrics import NotifyMetrics
from notify.retention import forget_old_alerts
from notify.routes import alert_routes, subscription_routes
from notify.settings import Settings
from notify.store import Wish, save_wishes
from notify.stream import AlertStream
from notify.subscriptions import NewSubscription

NAME = "notify"
ENDINGS_TOGETHER = 200
WISHES_TOGETHER = 50
FORGET_EVERY_S = 60.0
MIGRATIONS = Path(__file__).parent / "migrations"
RIGHTS = Path(__file__).parent / "data" / "rights.csv"


def create_app(settings: Settings, *, now: Clock = utc_now, make_id: NewId = new_id) -> FastAPI:
    """Wire one instance of notify; nothing is connected before the app starts."""
    service = Service(
        name=NAME, settings=settings, migrations=MIGRATIONS, dead_letter_topic=DEAD_LETTERS.name, new_id=make_id
    )
    metrics = NotifyMetrics(service.metrics.registry)
    stream = AlertStream(service.database, metrics)
    endings: GroupCommit[Ending, None] = GroupCommit(
        partial(settle, service.database, now, make_id), limit=ENDINGS_TOGETHER
    )
    service.add_group(endings)
    wishes: GroupCommit[Wish, Answer] = GroupCommit(partial(save_wishes, service.database), limit=WISHES_TOGETHER)
    service.add_group(wishes)
    courier = Courier(
        claim=partial(claim_due, service.database, now, settings.delivery_lease_s),
        endings=endings,
        channels=_channels(service, settings, now),
        metrics=metrics,
        now=now,
        lease_s=settings.delivery_lease_s,
        max_tries=settings.delivery_max_tries,
    )

    def on_alerts(alerts: Sequence[Alert]) -> None:
        metrics.count_alerts(alerts)
        stream.wake()
        courier.wake()

    service.consume(
        CASES.name,
        decode=contract_decoder(read_message, now=now),
        is_wanted=all_types_but([event.event_type for event in CASES.events if event not in RULES]),
        apply=case_handler(now=now, new_id=make_id, on_alerts=on_alerts),
    )
    forget = partial(forget_old_alerts, service.database, now, settings.alerts_keep_days)
    _add_lasting_work(service, stream, courier, forget=forget)
    app = new_api(title="Lamplight notify", description="Who is told what, and did it arrive?", version="1")
    add_routes(app, alert_routes(service.database, stream))
    add_routes(app, subscription_routes(service.database, wishes, now=now, new_id=make_id))
    return service.build_app(app, forms=(NewSubscription,), rights=service.read_rights(RIGHTS, now=now))


def _add_lasting_work(
    service: Service, stream: AlertStream, courier: Courier, *, forget: Callable[[], Awaitable[None]]
) -> None:
    service.add_background(stream.run)
    service.add_background(courier.run)
    service.add_chore(forget, every_s=FORGET_EVERY_S)


def _channels(service: Service, settings: Settings, now: Clock) -> Mapping[str, Channel]:
    webhook = WebhookChannel(allow_private=settings.webhook_allow_private, now=now)
    service.add_closing(webhook.close)
    return {"log": LogChannel(), "webhook": webhook}
