"""Which figures does intake publish beside those of the plumbing?"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from intake.reports import NewReport


class IntakeMetrics:
    """Intake's own metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.reports = Counter(
            "grid_reports", "How many reports came in, by channel and category?", ("source", "category"),
            registry=registry,
        )  # fmt: skip
        self.repeated = Counter(
            "grid_reports_repeated", "How many requests were sent again and answered as before?", ("source",),
            registry=registry,
        )  # fmt: skip
        self.sightings = Counter(
            "grid_patrol_sightings", "What did patrols reach on the spot?", ("outcome",), registry=registry
        )

    def count_repeated(self, report: NewReport) -> None:
        """Count a request that was sent again and answered as before."""
        self.repeated.labels(report.source).inc()

    def count_report(self, report: NewReport) -> None:
        """Count a report that was accepted."""
        self.reports.labels(report.source, report.category).inc()
        if report.outcome is not None:
            self.sightings.labels(report.outcome).inc()
