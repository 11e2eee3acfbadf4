"""Which figures does notify publish beside those of the plumbing?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from notify.alerts import Alert
from notify.deliveries import Ending

DELAY_BUCKETS_S = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600)


class NotifyMetrics:
    """Notify's own metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.alerts = Counter("grid_alerts", "How many alerts were made, by kind?", ("kind",), registry=registry)
        self.deliveries = Counter(
            "grid_notifications", "How did tries to deliver end?", ("channel", "result"), registry=registry
        )
        self.delay = Histogram(
            "grid_notification_delay_seconds", "How long from the alert to its arrival?", ("channel",),
            buckets=DELAY_BUCKETS_S, registry=registry,
        )  # fmt: skip
        self.streams = Gauge("grid_alert_streams", "How many apps listen right now?", registry=registry)

    def count_alerts(self, alerts: Sequence[Alert]) -> None:
        """Count alerts whose transaction is committed."""
        for alert in alerts:
            self.alerts.labels(alert.kind).inc()

    def count_ending(self, ending: Ending, *, now: datetime) -> None:
        """Count a try that is written down, and its delay if it arrived."""
        result = "delivered" if ending.error is None else "retried" if ending.retry_at else "failed"
        self.deliveries.labels(ending.delivery.channel, result).inc()
        if ending.error is None:
            delay_s = (now - ending.delivery.created_at).total_seconds()
            self.delay.labels(ending.delivery.channel).observe(delay_s)
