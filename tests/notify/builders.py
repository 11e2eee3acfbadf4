"""How does a test make alerts, deliveries and wishes to be told? One argument changes one thing."""

from __future__ import annotations

import base64
from typing import Any

from lamplight_chassis.clock import new_id
from lamplight_chassis.database import Database
from notify.alerts import Alert
from notify.audience import COMMAND_CENTRE, AlertKind
from notify.deliveries import Delivery
from notify.store import save_alerts
from tests.builders import CATEGORY, CORRELATION, NOW, ZONE

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HOOK = "https://example.org/hook"

_TOLD: dict[str, Any] = {
    "recipient": COMMAND_CENTRE,
    "kind": AlertKind.WORK_TO_CHECK,
    "category": CATEGORY,
    "zone": ZONE,
    "text_zh": "处置完毕,请核查",
    "text_en": "Please check it",
    "correlation_id": CORRELATION,
    "traceparent": None,
    "created_at": NOW,
}


def an_alert(**changes: Any) -> Alert:
    return Alert(**{"id": new_id(), "event_id": new_id(), "case_id": new_id(), **_TOLD, **changes})


def a_delivery(**changes: Any) -> Delivery:
    ids = {name: new_id() for name in ("id", "alert_id", "subscription_id", "event_id", "case_id")}
    way = {"channel": "webhook", "target": HOOK, "secret": SECRET, "tries": 1}
    return Delivery(**{**ids, **_TOLD, **way, **changes})


def a_wish(**changes: Any) -> dict[str, Any]:
    """What a client sends to `POST /v1/subscriptions`."""
    return {"recipient": COMMAND_CENTRE, "channel": "webhook", "target": HOOK, "secret": SECRET, **changes}


async def store(database: Database, *alerts: Alert) -> None:
    """Store alerts in one transaction, each with a delivery to the log that every fresh installation has."""
    async with database.transaction() as work:
        await save_alerts(work, alerts, new_id=new_id)
