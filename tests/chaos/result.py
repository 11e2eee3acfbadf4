"""What came out of a chaos run, as a file and as a table?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.chaos.run import Story
from tests.chaos.violation import Kind, Violation

SHOWN = 10
FIGURES = (
    "reports_sent", "reports_accepted", "orders_carried", "case_events", "repeated_case_records", "alerts",
    "deliveries", "webhooks_received", "load_s", "drain_s", "reports_per_s", "case_events_per_s", "kills",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChaosResult:
    """One run in figures, as written to `build/chaos.json`."""

    seed: int
    broken_part: str | None
    kills: int
    kills_by_target: Mapping[str, int]
    reports_sent: int
    reports_accepted: int
    orders_carried: int
    case_events: int
    repeated_case_records: int
    alerts: int
    deliveries: int
    webhooks_received: int
    violations: Mapping[str, int]
    violations_by_rule: Mapping[str, int]
    first_violations: Sequence[Violation]
    still_busy: Sequence[str]
    load_s: float
    drain_s: float
    reports_per_s: float
    case_events_per_s: float
    longest_outage_s: Mapping[str, float]
    longest_silence_s: Mapping[str, float]

    def write(self, path: Path) -> None:
        """Write the figures as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def sum_up(story: Story, violations: Sequence[Violation], *, seed: int, broken_part: str | None) -> ChaosResult:
    """Count what was seen and what was wrong with it."""
    seen = story.seen
    kinds = Counter(violation.kind for violation in violations)
    case_events = len({record.event_id for record in seen.case_records})
    return ChaosResult(
        seed=seed,
        broken_part=broken_part,
        kills=sum(story.killed.values()),
        kills_by_target=dict(sorted(story.killed.items())),
        reports_sent=len(seen.sent_reports),
        reports_accepted=sum(bool(sent.answers) for sent in seen.sent_reports),
        orders_carried=len(seen.carried_orders),
        case_events=case_events,
        repeated_case_records=len(seen.case_records) - case_events,
        alerts=len(seen.alerts),
        deliveries=len(seen.deliveries),
        webhooks_received=len(seen.receipts),
        violations={kind.value: kinds[kind] for kind in Kind},
        violations_by_rule=dict(Counter(violation.rule for violation in violations)),
        first_violations=_first_of_each_rule(violations),
        still_busy=story.busy,
        load_s=round(story.load_s, 1),
        drain_s=round(story.drain_s, 1),
        reports_per_s=round(len(seen.reports) / story.load_s, 1),
        case_events_per_s=round(case_events / story.load_s, 1),
        longest_outage_s=_rounded(story.longest_outage_s),
        longest_silence_s=_rounded(story.longest_silence_s),
    )


def lines_of(result: ChaosResult) -> Iterator[str]:
    """The result for a person: what was broken and where to look first, what went on, and the verdict."""
    for rule, count in result.violations_by_rule.items():
        shown = [violation for violation in result.first_violations if violation.rule == rule]
        yield f"{shown[0].kind}: {rule}, {count} times"
        yield from (f"    {violation.id}  {violation.detail}" for violation in shown)
    yield f"chaos, seed {result.seed}" + (f", a build without its {result.broken_part}" if result.broken_part else "")
    yield from (f"  {name.replace('_', ' '):24}{getattr(result, name)}" for name in FIGURES)
    for name, seconds in result.longest_silence_s.items():
        yield f"  {f'{name} without answer':24}{seconds} s at most"
    yield f"  {'target':24}{'kills':>6}{'longest outage, s':>20}"
    for target, kills in result.kills_by_target.items():
        yield f"  {target:24}{kills:>6}{result.longest_outage_s.get(target, 0.0):>20}"
    yield from (f"  still busy: {sentence}" for sentence in result.still_busy)
    yield "  " + ", ".join(f"{count} {kind}" for kind, count in result.violations.items())


def _first_of_each_rule(violations: Sequence[Violation]) -> list[Violation]:
    shown = Counter[str]()
    first = []
    for violation in violations:
        shown[violation.rule] += 1
        if shown[violation.rule] <= SHOWN:
            first.append(violation)
    return first


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in sorted(seconds.items())}
