"""Which figures does the plumbing of every service publish?

A metric exists here or in a service's own `metrics.py`, or not at all; its documentation is the question it answers.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATENCY_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class ChassisMetrics:
    """The plumbing's metrics, in a registry of their own so that several services can live in one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._add_requests(registry)
        self._add_consumers(registry)
        self._add_outbox(registry)

    def _add_requests(self, registry: CollectorRegistry) -> None:
        self.http_requests = Counter(
            "http_requests", "How many requests were answered, by route and status?", ("route", "method", "status"),
            registry=registry,
        )  # fmt: skip
        self.http_seconds = Histogram(
            "http_request_duration_seconds", "How long do callers wait, by route?", ("route",),
            buckets=LATENCY_BUCKETS_S, registry=registry,
        )  # fmt: skip

    def _add_consumers(self, registry: CollectorRegistry) -> None:
        self.consumed = Counter(
            "consumer_records", "What became of the records that were read?", ("topic", "result"), registry=registry
        )
        self.batch_records = Histogram(
            "consumer_batch_records", "How full are the batches that are read?", ("topic",),
            buckets=BATCH_BUCKETS, registry=registry,
        )  # fmt: skip
        self.batch_seconds = Histogram(
            "consumer_batch_duration_seconds", "How long does one batch take, commit included?", ("topic",),
            buckets=LATENCY_BUCKETS_S, registry=registry,
        )  # fmt: skip
        self.consumer_lag = Gauge(
            "consumer_lag_records", "How many records wait to be read?", ("topic",), registry=registry
        )
        self.consumer_retries = Counter(
            "consumer_retries", "How often was a batch tried again because something was away?", ("topic",),
            registry=registry,
        )  # fmt: skip
        self.dead_letters = Counter(
            "dead_letters", "How many records were parked, and why?", ("topic", "reason"), registry=registry
        )

    def _add_outbox(self, registry: CollectorRegistry) -> None:
        self.outbox_rows = Gauge("outbox_rows", "How many events wait for Kafka?", registry=registry)
        self.outbox_oldest_seconds = Gauge(
            "outbox_oldest_seconds", "How long has the oldest unsent event waited?", registry=registry
        )
        self.outbox_parked_rows = Gauge(
            "outbox_parked_rows", "How many events can never be sent as they are?", registry=registry
        )
        self.outbox_published = Counter(
            "outbox_published", "How many events did Kafka acknowledge?", ("topic",), registry=registry
        )
        self.relay_active = Gauge(
            "outbox_relay_active", "Does this instance publish for its service?", registry=registry
        )
        self.relay_failures = Counter(
            "outbox_relay_failures", "How many rounds of publishing failed?", ("reason",), registry=registry
        )
