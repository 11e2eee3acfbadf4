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

    def count_report(self, report: NewReport, *, is_new: bool) -> None:
        """Count one answered request."""
        if not is_new:
            self.repeated.labels(report.source).inc()
            return
        self.reports.labels(report.source, report.category).inc()
        if report.outcome is not None:
            self.sightings.labels(report.outcome).inc()
