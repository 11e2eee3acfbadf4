"""Which figures does the vault publish?"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter

from intake.vault.purposes import load_purposes

UNKNOWN = "unknown"


class VaultMetrics:
    """The vault's own metrics; labels are words of the two tables, never what a caller wrote."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.pulls = Counter(
            "grid_vault_pulls", "How often was personal data asked for, by purpose and result?", ("purpose", "result"),
            registry=registry,
        )  # fmt: skip
        self.deletions = Counter(
            "grid_vault_deletions", "How many entries were deleted, by rule?", ("rule",), registry=registry
        )

    def count_pull(self, purpose: str, result: str) -> None:
        """Count one pull; `result` is `allowed` or the reason of the refusal."""
        self.pulls.labels(purpose if purpose in load_purposes().names else UNKNOWN, result).inc()

    def count_deletions(self, counts: Mapping[str, int]) -> None:
        """Count what one run of the retention job took."""
        for rule, count in counts.items():
            self.deletions.labels(rule).inc(count)
