"""How does an alert reach the log, the one destination that every fresh installation has?"""

from __future__ import annotations

import structlog

from notify.deliveries import Delivery

log = structlog.get_logger()


class LogChannel:
    """Writes the alert as one line."""

    async def send(self, delivery: Delivery) -> None:
        """Cannot fail."""
        log.info(
            "alert.sent",
            delivery_id=str(delivery.id),
            case_id=str(delivery.case_id),
            recipient=delivery.recipient,
            kind=delivery.kind,
            text=delivery.text_zh,
        )
