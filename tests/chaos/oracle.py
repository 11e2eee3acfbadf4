"""Did the run keep every promise of the system, as far as anybody outside can tell?"""

from __future__ import annotations

from tests.chaos.alert_rules import ALERT_RULES
from tests.chaos.case_rules import CASE_RULES
from tests.chaos.evidence import Evidence
from tests.chaos.violation import Rule, Violation

RULES: tuple[Rule, ...] = (*CASE_RULES, *ALERT_RULES)


def judge(seen: Evidence) -> list[Violation]:
    """Every broken promise, rule by rule; empty when the run was good."""
    return [violation for rule in RULES for violation in rule(seen)]
