"""Which figures does dispatch publish beside those of the plumbing?"""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter

from dispatch.cases import Step
from dispatch.lifecycle import Move
from dispatch.routing import DEFAULT_RULE_ID


class DispatchMetrics:
    """Dispatch's own metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.transitions = Counter(
            "grid_case_transitions", "Which moves did cases make?", ("from_state", "to_state"), registry=registry
        )
        self.decisions = Counter(
            "grid_dispatch_decisions", "Which rules chose the units?", ("rule",), registry=registry
        )
        self.default_decisions = Counter(
            "grid_dispatch_default_decisions", "How many cases fell to the default rule?", registry=registry
        )

    def count_steps(self, steps: Sequence[Step]) -> None:
        """Count moves; called after the transaction that made them."""
        for step in steps:
            self.transitions.labels(step.state_before or "none", step.event.state).inc()
            if step.operation == Move.DISPATCH:
                rule_id = step.details["rule_id"]
                self.decisions.labels(rule_id).inc()
                if rule_id == DEFAULT_RULE_ID:
                    self.default_decisions.inc()
