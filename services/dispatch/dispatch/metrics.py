"""Which figures does dispatch publish beside those of the plumbing?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from dispatch.cases import Step
from dispatch.lifecycle import Move
from dispatch.routing import DEFAULT_RULE_ID
from lamplight_events.vocabulary import CaseState


class DispatchMetrics:
    """Dispatch's own metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.cases = Gauge("grid_cases", "How many open cases stand where?", ("state",), registry=registry)
        self.transitions = Counter(
            "grid_case_transitions", "Which moves did cases make?", ("from_state", "to_state"), registry=registry
        )
        self.decisions = Counter(
            "grid_dispatch_decisions", "Which rules chose the units?", ("rule",), registry=registry
        )
        self.default_decisions = Counter(
            "grid_dispatch_default_decisions", "How many cases fell to the default rule?", registry=registry
        )

    def show_open_cases(self, counts: Mapping[str, int]) -> None:
        """Show how many cases are in each state but the last; a state without a case shows 0."""
        for state in CaseState:
            if state is not CaseState.CLOSED:
                self.cases.labels(state).set(counts.get(state, 0))

    def count_steps(self, steps: Sequence[Step]) -> None:
        """Count moves; called after the transaction that made them."""
        for step in steps:
            self.transitions.labels(step.state_before or "none", step.event.state).inc()
            if step.operation == Move.DISPATCH:
                rule_id = step.details["rule_id"]
                self.decisions.labels(rule_id).inc()
                if rule_id == DEFAULT_RULE_ID:
                    self.default_decisions.inc()
