"""Which figures tell who was let in and who was not?"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class RightsMetrics:
    """The metrics of rights, in a service's registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.is_open = Gauge("rights_open", "Does this instance let everybody do everything?", registry=registry)
        self.refused = Counter(
            "rights_refused", "How many requests were refused, and why?", ("reason",), registry=registry
        )
        self.issuer_failures = Counter(
            "rights_issuer_failures", "How often could the issuer's keys not be fetched?", registry=registry
        )
        self.issuer_keys_age_seconds = Gauge(
            "rights_issuer_keys_age_seconds", "How long ago were the issuer's keys fetched?", registry=registry
        )
        self.key_file_errors = Counter(
            "rights_key_file_errors", "How often was a changed key file of no use, so that the one before stayed?",
            registry=registry,
        )  # fmt: skip
        self.key_file_is_stale = Gauge(
            "rights_key_file_stale",
            "Are API keys judged by an older file than the one that is there?",
            registry=registry,
        )
